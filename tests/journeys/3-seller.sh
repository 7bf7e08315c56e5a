# The seller: a key and an enrolment of its own, an invoice, and a proof that shows two terms of it.
hanse key new kiln.pem
hanse party request --node "$N" --identity kiln.pem --home kiln --member market --role seller \
    --term "name=Second Kiln" -o kiln.request
expect 2 as market party enrol kiln.request
KILN=$(as market party enrol kiln.request --yes)
as seller party show "$KILN"
INVOICE=$(as seller invoice issue "$D/documents/invoice.xml" --buyer "$(of_demo buyer)" --again)
echo "$INVOICE" >invoice.id
expect 15 as seller invoice accept "$INVOICE" --yes
as seller proof "$INVOICE" -o sale.hanse --disclose BT-1,BT-115
expect 0 hanse verify sale.hanse --offline
