# The wording of an ACH debit authorization in Chinese in simplified characters; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = 本人授权 { $merchant } 于 { $date } 或之后，以电子扣款（ACH）方式从本人在此表单中填写的银行账户一次性扣款 { $amount }。
mandate-recurring = 本人授权 { $merchant } 以电子扣款（ACH）方式从本人在此表单中填写的银行账户扣款：{ $amount }，{ $frequency }，首次扣款在 { $date } 或之后，直到本人撤销此授权。
mandate-web = 本人通过互联网作出此授权，并确认该账户属于本人，或本人有权授权从该账户扣款。
mandate-ppd = 这是本人以电子方式签署的书面授权，本人确认该账户属于本人，或本人有权授权从该账户扣款。
mandate-ccd = 本人代表拥有该账户的企业作出此授权，并确认有权这样做；该企业同意受 Nacha 规则（Nacha Operating Rules）约束。
mandate-revoke = 本人可在扣款前至少三个工作日通知 { $merchant } 撤销此授权。本人可以打印或保存此文本。
mandate-revoke-at = 本人可在扣款前至少三个工作日通知 { $merchant }（{ $contact }） 撤销此授权。本人可以打印或保存此文本。
mandate-varying = 不固定的金额，由 { $merchant } 在每次扣款前告知本人
mandate-weekly = 每周
mandate-every-two-weeks = 每两周
mandate-monthly = 每月
mandate-quarterly = 每三个月
mandate-every-six-months = 每六个月
mandate-yearly = 每年
mandate-on-request = 每次由本人提出要求时
