# The wording of an ACH debit authorization in Japanese; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = 私は、このフォームに入力した銀行口座から、{ $date } 以降に電子的な引き落とし（ACH）により一度だけ { $amount } を引き落とすことを { $merchant } に許可します。
mandate-recurring = 私は、このフォームに入力した銀行口座からの電子的な引き落とし（ACH）を { $merchant } に許可します。内容：{ $amount }、{ $frequency }、初回は { $date } 以降。この許可は私が取り消すまで有効です。
mandate-web = 私はこの許可をインターネット上で与え、口座が私のものであるか、その引き落としを許可できることを確認します。
mandate-ppd = これは私が電子的に署名する書面による許可であり、口座が私のものであるか、その引き落としを許可できることを確認します。
mandate-ccd = 私は口座を所有する事業者を代表してこの許可を与え、その権限があることを確認します。事業者は Nacha の規則（Nacha Operating Rules）に従うことに同意します。
mandate-revoke = 引き落としの少なくとも 3 営業日前までに { $merchant } に知らせることで、許可を取り消せます。この文面は印刷または保存できます。
mandate-revoke-at = 引き落としの少なくとも 3 営業日前までに { $merchant }（{ $contact }） に知らせることで、許可を取り消せます。この文面は印刷または保存できます。
mandate-varying = 引き落としのたびに { $merchant } が事前に知らせる変動額
mandate-weekly = 毎週
mandate-every-two-weeks = 2 週間ごと
mandate-monthly = 毎月
mandate-quarterly = 3 か月ごと
mandate-every-six-months = 6 か月ごと
mandate-yearly = 毎年
mandate-on-request = 私が求めるつど
