# The bank: a payment is instructed, and not carried out, with the reason that its customer sees.
INVOICE=$(cat invoice.id)
as buyer invoice accept "$INVOICE" --yes
expect 15 as buyer payment instruct --invoice "$INVOICE=999999.00" --payer-bank bank-buyer --payee-bank bank-seller
PAYMENT=$(as buyer payment instruct --invoice "$INVOICE=150.00" --payer-bank bank-buyer --payee-bank bank-seller)
expect 2 as bank-buyer payment reject "$PAYMENT" --reason "too late"
as bank-buyer payment reject "$PAYMENT" --reason AM04
as buyer payment show "$PAYMENT" | grep -q "AM04; payment.reject by bank-buyer"
# Charges on the way, and messages of a version that has no UETR: each pays another invoice of the same sum.
for kind in charges no-uetr; do
    NEXT=$(as seller invoice issue "$D/documents/invoice.xml" --again --buyer "$(of_demo buyer)")
    as buyer invoice accept "$NEXT" --yes
    PAID=$(as buyer payment instruct "$D/documents/pacs008-$kind.xml" --invoice "$NEXT" --payer-bank bank-buyer --payee-bank bank-seller)
    as bank-seller payment confirm "$PAID" "$D/documents/camt054-$kind.xml"
    as buyer payment show "$PAID" > "$kind.txt"
done
grep -q "charged  *25\.00 EUR" charges.txt
grep -q "charged  *0\.00 EUR" no-uetr.txt
