# The wording of an ACH debit authorization in English. A published version never changes, because payment methods
# are bound to it by a hash: a change gets the next number, and this file moves to a name with its old one.
mandate-version = 1
mandate-direction = ltr
mandate-once = I authorize { $merchant } to debit { $amount } once from the bank account that I have entered in this form, by an electronic (ACH) debit on or after { $date }.
mandate-recurring = I authorize { $merchant } to debit { $amount } { $frequency } from the bank account that I have entered in this form, by electronic (ACH) debits of which the first is on or after { $date }, until I revoke this authorization.
mandate-web = I give this authorization over the internet, and I confirm that I own the account or may authorize debits from it.
mandate-ppd = This is my written authorization, which I sign electronically, and I confirm that I own the account or may authorize debits from it.
mandate-ccd = I give this authorization for the business that owns the account, I confirm that I may do so, and the business agrees to be bound by the Nacha Operating Rules.
mandate-revoke = It can be revoked by telling { $merchant } at least three business days before a debit. I may print or save this text.
mandate-revoke-at = It can be revoked by telling { $merchant } ({ $contact }) at least three business days before a debit. I may print or save this text.
mandate-varying = an amount that varies, of which { $merchant } tells me before each debit,
mandate-weekly = every week
mandate-every-two-weeks = every two weeks
mandate-monthly = every month
mandate-quarterly = every three months
mandate-every-six-months = every six months
mandate-yearly = every year
mandate-on-request = each time I ask for it
