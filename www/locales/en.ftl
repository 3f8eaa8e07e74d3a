# Everything that a shopper reads in the payment form, or hears from a screen reader.
#
# This file says which messages there are and what stands in them; every other locale has the same ones. A message
# that is nothing but a reference, such as `.too_short = { number.incomplete }`, is an alias: other locales leave it
# out. CONTRIBUTING.md says how to add a locale.

## The form as a whole

# `.broken` is shown when the browser cannot run the form at all.
form = Payment details
    .incomplete = Please complete the payment details.
    .broken = This browser could not start the payment form. Try another browser or reload the page.
methods = Payment method
    .card = Card
    .ach = Bank account
# Read out when the card's scheme is recognised, for example Visa.
scheme = Card type: { $name }
# Above the choice between the networks of a card that carries two.
cobadge = Choose the card network
# Read out when more than one entry is wrong; $first is the sentence under the first of them.
problems = { $count ->
    [one] { $count } entry needs attention. { $first }
   *[other] { $count } entries need attention. { $first }
}

## Fields: the label, what stands in the empty field (.hint and, for the code, .any to .optional),
## what a screen reader adds (.help), and what is said of a mistake, by the reason's code

number = Card number
    .required = Enter the card number.
    .incomplete = Finish the card number: some digits are missing.
    .too_short = { number.incomplete }
    .wrong_length = { number.incomplete }
# The hints stand in inputs that run from left to right: in other scripts they need marks of direction.
# This one has two letters each for month and year, in the order of the card, from left to right.
expiry = Expiry date
    .hint = MM / YY
    .help = Month and year as on the card, two digits each
    .required = Enter the expiry date.
    .incomplete = Finish the expiry date: month and year.
# `.optional` is for the few schemes whose cards may have none. `.card` stands beside the label where only the code of a
# stored card is asked for; $last4 are the last four digits of its number.
code = Security code
    .any = 3 or 4 digits
    .three = 3 digits
    .four = 4 digits
    .optional = If there is one
    .card = Card ending in { $last4 }
    .help = The last 3 digits on the back of the card; on American Express, the 4 digits on the front
    .required = Enter the security code.
    .incomplete = Finish the security code.
    .too_short = { code.incomplete }
    .too_long = Check the security code: it has too many digits.
holder = Name on card
    .optional = (optional)
    .account = Name on account
    .required = Enter the name.
routing_number = Routing number
    .hint = 9 digits
    .help = The 9 digits at the bottom left of a cheque
    .required = Enter the routing number.
    .incomplete = Finish the routing number: it has 9 digits.
    .too_short = { routing_number.incomplete }
account_number = Account number
    .help = On a cheque, the digits after the routing number
    .required = Enter the account number.
    .incomplete = Finish the account number: it has 4 digits or more.
    .too_short = { account_number.incomplete }
account_number_confirmation = Confirm account number
    .required = Enter the account number once more.
account_type = Account type
    .checking = Checking
    .savings = Savings
account_holder_type = Account holder
    .personal = Personal
    .business = Business
sec_code = Kind of authorization
    .web = Personal account, over the internet (WEB)
    .ppd = Personal account, in writing (PPD)
    .ccd = Business account (CCD)
    .tel = Personal account, by telephone (TEL)
consent = I have read this authorization and agree to it
    .required = Tick the box to authorize the debit.

## What is said of a mistake in a field that has no sentence of its own for it, by the reason's code

reason =
    .required = Fill in this field.
    .incomplete = Finish this entry: some of it is missing.
    .not_digits = Use digits only.
    .bad_characters = Remove the characters that do not belong here.
    .too_short = Check this entry: it is too short.
    .too_long = Check this entry: it is too long.
    .wrong_length = Check the number of digits.
    .unknown_scheme = Check the first digits: no card that we know begins like this.
    .luhn = Check the card number: a digit seems to be mistyped.
    .all_zeros = Enter the real number instead of zeros.
    .bad_month = Check the month: it must be 01 to 12.
    .expired = Use another card: this one has expired.
    .too_far = Check the year: it is too far ahead.
    .checksum = Check the routing number: a digit seems to be mistyped.
    .not_debitable = Use another account: this bank's accounts cannot be debited.
    .swapped = Check whether routing number and account number are swapped.
    .contains_card_number = Remove the card number: it does not belong in this field.
    .not_a_name = Enter a name.
    .bad_format = Check the form of this entry.
    .unknown_choice = Pick one of the choices.
    .not_accepted = Use another one: this one is not accepted here.
    .bad_prefix = Check the routing number: none begins with these two digits.
    .micr_symbols = Leave out the symbols of the cheque: enter the digits only.
    .fractional_form = Enter the nine digits at the bottom of the cheque, not the fraction.
    .account_mismatch = Check the account number: the two entries differ.
    .unknown_country = Check the first two letters: they name the country of the account.
    .check_digits = Check the account number: a character seems to be mistyped.

## What is said when the payment service cannot do its part: by the error's code, else by who can mend it

# `.stopped` is said when the form itself broke down.
error =
    .shopper = The payment details were not accepted. Check them or use others.
    .merchant = This shop's payment form is not set up correctly. Tell the shop.
    .gateway = The payment service has a problem. Try again in a moment.
    .environment = The payment service could not be reached. Try again.
    .internal = The payment service failed. Try again in a moment.
    .stopped = The payment form stopped working. Reload the page; nothing was charged.
    .aborted = The page cancelled this attempt. Nothing was charged.
    .timeout = The payment service did not answer in time. Try again.
    .offline = There is no internet connection. Try again when you are back online.
