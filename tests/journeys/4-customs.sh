# Customs: a declaration without a certificate is looked at, refused with a reason, and shown with it.
INVOICE=$(cat invoice.id)
DECLARATION=$(as seller declaration lodge --customs customs-cn --regime export --invoice "$INVOICE" --line 691110,CN,1,C62)
as customs-cn declaration show "$DECLARATION"
expect 15 as customs-be declaration release "$DECLARATION"
as customs-cn declaration refuse "$DECLARATION" --reason NO-PAPERS
as customs-cn declaration show "$DECLARATION" | grep -q "NO-PAPERS; declaration.refuse by customs-cn"
expect 15 as customs-cn declaration release "$DECLARATION"
