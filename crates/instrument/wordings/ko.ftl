# The wording of an ACH debit authorization in Korean; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = 본인은 이 양식에 입력한 은행 계좌에서 { $date } 또는 그 이후에 전자 인출(ACH)로 { $amount } 금액을 한 번 인출하도록 { $merchant } 측에 승인합니다.
mandate-recurring = 본인은 이 양식에 입력한 은행 계좌에서의 전자 인출(ACH)을 { $merchant } 측에 승인합니다: { $amount }, { $frequency }, 첫 인출은 { $date } 또는 그 이후이며, 본인이 이 승인을 철회할 때까지 유효합니다.
mandate-web = 본인은 인터넷을 통해 이 승인을 하며, 계좌가 본인의 것이거나 본인이 그 인출을 승인할 수 있음을 확인합니다.
mandate-ppd = 이것은 본인이 전자적으로 서명하는 서면 승인이며, 계좌가 본인의 것이거나 본인이 그 인출을 승인할 수 있음을 확인합니다.
mandate-ccd = 본인은 계좌를 소유한 사업체를 대신하여 이 승인을 하고 그럴 권한이 있음을 확인하며, 사업체는 Nacha 규칙(Nacha Operating Rules)을 따르는 데 동의합니다.
mandate-revoke = 인출 최소 3영업일 전에 { $merchant } 측에 알리면 승인을 철회할 수 있습니다. 이 글은 인쇄하거나 저장할 수 있습니다.
mandate-revoke-at = 인출 최소 3영업일 전에 { $merchant } ({ $contact }) 측에 알리면 승인을 철회할 수 있습니다. 이 글은 인쇄하거나 저장할 수 있습니다.
mandate-varying = 인출 전마다 { $merchant } 측이 알려 주는 변동 금액
mandate-weekly = 매주
mandate-every-two-weeks = 2주마다
mandate-monthly = 매월
mandate-quarterly = 3개월마다
mandate-every-six-months = 6개월마다
mandate-yearly = 매년
mandate-on-request = 본인이 요청할 때마다
