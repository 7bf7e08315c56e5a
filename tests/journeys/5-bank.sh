# The bank: a payment is instructed, and not carried out, with the reason that its customer sees.
INVOICE=$(cat invoice.id)
as buyer invoice accept "$INVOICE"
expect 15 as buyer payment instruct --invoice "$INVOICE=999999.00" --payer-bank bank-buyer --payee-bank bank-seller
PAYMENT=$(as buyer payment instruct --invoice "$INVOICE=150.00" --payer-bank bank-buyer --payee-bank bank-seller)
expect 2 as bank-buyer payment reject "$PAYMENT" --reason "too late"
as bank-buyer payment reject "$PAYMENT" --reason AM04
as buyer payment show "$PAYMENT" | grep -q "AM04; payment.reject by bank-buyer"
