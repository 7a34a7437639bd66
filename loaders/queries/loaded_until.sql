-- When the newest receipt was loaded; blank where there is none.
SELECT if(count() = 0, '', substring(toString(max(_loaded_at)), 1, 19)) AS at
FROM receipts
