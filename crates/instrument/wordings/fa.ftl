# The wording of an ACH debit authorization in Persian; en.ftl says what may change.
mandate-version = 1
mandate-direction = rtl
mandate-once = به { $merchant } اجازه می‌دهم که { $amount } را یک بار از حساب بانکی که در این فرم وارد کرده‌ام، با برداشت الکترونیکی (ACH) در { $date } یا پس از آن برداشت کند.
mandate-recurring = به { $merchant } اجازه می‌دهم که از حساب بانکی که در این فرم وارد کرده‌ام برداشت الکترونیکی (ACH) انجام دهد: { $amount }، { $frequency }، نخستین بار در { $date } یا پس از آن، تا زمانی که این اجازه را لغو کنم.
mandate-web = این اجازه را از راه اینترنت می‌دهم و تأیید می‌کنم که حساب از آنِ من است یا می‌توانم اجازهٔ برداشت از آن را بدهم.
mandate-ppd = این اجازهٔ کتبی من است که آن را به‌صورت الکترونیکی امضا می‌کنم، و تأیید می‌کنم که حساب از آنِ من است یا می‌توانم اجازهٔ برداشت از آن را بدهم.
mandate-ccd = این اجازه را از طرف کسب‌وکاری می‌دهم که صاحب حساب است، تأیید می‌کنم که حق این کار را دارم، و کسب‌وکار می‌پذیرد که پایبند قواعد Nacha (Nacha Operating Rules) باشد.
mandate-revoke = می‌توانم آن را با خبر دادن به { $merchant }، دست‌کم سه روز کاری پیش از برداشت، لغو کنم. می‌توانم این متن را چاپ یا ذخیره کنم.
mandate-revoke-at = می‌توانم آن را با خبر دادن به { $merchant } ({ $contact })، دست‌کم سه روز کاری پیش از برداشت، لغو کنم. می‌توانم این متن را چاپ یا ذخیره کنم.
mandate-varying = مبلغی متغیر که { $merchant } پیش از هر برداشت به من خبر می‌دهد
mandate-weekly = هر هفته
mandate-every-two-weeks = هر دو هفته
mandate-monthly = هر ماه
mandate-quarterly = هر سه ماه
mandate-every-six-months = هر شش ماه
mandate-yearly = هر سال
mandate-on-request = هر بار که خودم بخواهم
