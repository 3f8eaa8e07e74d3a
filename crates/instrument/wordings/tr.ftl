# The wording of an ACH debit authorization in Turkish; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Bu formda belirttiğim banka hesabından { $date } tarihinde veya sonrasında elektronik borçlandırma (ACH) ile bir kez { $amount } çekilmesi için { $merchant } işletmesine yetki veriyorum.
mandate-recurring = Bu formda belirttiğim banka hesabından elektronik borçlandırma (ACH) ile para çekmesi için { $merchant } işletmesine yetki veriyorum: { $amount }, { $frequency }, ilki { $date } tarihinde veya sonrasında, ben bu yetkiyi geri alana kadar.
mandate-web = Bu yetkiyi internet üzerinden veriyorum ve hesabın bana ait olduğunu veya hesaptan para çekilmesine izin verebileceğimi onaylıyorum.
mandate-ppd = Bu, elektronik olarak imzaladığım yazılı yetkimdir ve hesabın bana ait olduğunu veya hesaptan para çekilmesine izin verebileceğimi onaylıyorum.
mandate-ccd = Bu yetkiyi hesabın sahibi olan işletme adına veriyorum, bunu yapabileceğimi onaylıyorum ve işletme Nacha kurallarına (Nacha Operating Rules) bağlı olmayı kabul ediyor.
mandate-revoke = Çekimden en az üç iş günü önce { $merchant } işletmesine haber vererek bu yetkiyi geri alabilirim. Bu metni yazdırabilir veya kaydedebilirim.
mandate-revoke-at = Çekimden en az üç iş günü önce { $merchant } ({ $contact }) işletmesine haber vererek bu yetkiyi geri alabilirim. Bu metni yazdırabilir veya kaydedebilirim.
mandate-varying = { $merchant } işletmesinin her çekimden önce bana bildirdiği değişken tutar
mandate-weekly = her hafta
mandate-every-two-weeks = iki haftada bir
mandate-monthly = her ay
mandate-quarterly = üç ayda bir
mandate-every-six-months = altı ayda bir
mandate-yearly = her yıl
mandate-on-request = her istediğimde
