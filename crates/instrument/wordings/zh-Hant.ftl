# The wording of an ACH debit authorization in Chinese in traditional characters; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = 本人授權 { $merchant } 於 { $date } 或之後，以電子扣款（ACH）方式從本人在此表單中填寫的銀行帳戶一次性扣款 { $amount }。
mandate-recurring = 本人授權 { $merchant } 以電子扣款（ACH）方式從本人在此表單中填寫的銀行帳戶扣款：{ $amount }，{ $frequency }，首次扣款在 { $date } 或之後，直到本人撤銷此授權。
mandate-web = 本人透過網際網路作出此授權，並確認該帳戶屬於本人，或本人有權授權從該帳戶扣款。
mandate-ppd = 這是本人以電子方式簽署的書面授權，本人確認該帳戶屬於本人，或本人有權授權從該帳戶扣款。
mandate-ccd = 本人代表擁有該帳戶的企業作出此授權，並確認有權這樣做；該企業同意受 Nacha 規則（Nacha Operating Rules）約束。
mandate-revoke = 本人可在扣款前至少三個工作天通知 { $merchant } 撤銷此授權。本人可以列印或儲存此文字。
mandate-revoke-at = 本人可在扣款前至少三個工作天通知 { $merchant }（{ $contact }） 撤銷此授權。本人可以列印或儲存此文字。
mandate-varying = 不固定的金額，由 { $merchant } 在每次扣款前告知本人
mandate-weekly = 每週
mandate-every-two-weeks = 每兩週
mandate-monthly = 每月
mandate-quarterly = 每三個月
mandate-every-six-months = 每六個月
mandate-yearly = 每年
mandate-on-request = 每次由本人提出要求時
