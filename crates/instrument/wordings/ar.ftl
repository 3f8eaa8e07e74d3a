# The wording of an ACH debit authorization in Arabic; en.ftl says what may change.
mandate-version = 1
mandate-direction = rtl
mandate-once = أفوّض { $merchant } بخصم { $amount } مرة واحدة من الحساب المصرفي الذي أدخلته في هذا النموذج، بخصم إلكتروني (ACH) في { $date } أو بعده.
mandate-recurring = أفوّض { $merchant } بإجراء خصومات إلكترونية (ACH) من الحساب المصرفي الذي أدخلته في هذا النموذج: { $amount }، { $frequency }، أولها في { $date } أو بعده، إلى أن ألغي هذا التفويض.
mandate-web = أمنح هذا التفويض عبر الإنترنت، وأؤكد أن الحساب لي أو أنه يحق لي السماح بالخصم منه.
mandate-ppd = هذا تفويضي الكتابي الذي أوقّعه إلكترونيًا، وأؤكد أن الحساب لي أو أنه يحق لي السماح بالخصم منه.
mandate-ccd = أمنح هذا التفويض نيابةً عن المنشأة صاحبة الحساب، وأؤكد أنه يحق لي ذلك، وتوافق المنشأة على الالتزام بقواعد Nacha (Nacha Operating Rules).
mandate-revoke = يمكنني إلغاؤه بإبلاغ { $merchant } قبل الخصم بثلاثة أيام عمل على الأقل. يمكنني طباعة هذا النص أو حفظه.
mandate-revoke-at = يمكنني إلغاؤه بإبلاغ { $merchant } ({ $contact }) قبل الخصم بثلاثة أيام عمل على الأقل. يمكنني طباعة هذا النص أو حفظه.
mandate-varying = مبلغ متغير يبلغني به { $merchant } قبل كل خصم
mandate-weekly = كل أسبوع
mandate-every-two-weeks = كل أسبوعين
mandate-monthly = كل شهر
mandate-quarterly = كل ثلاثة أشهر
mandate-every-six-months = كل ستة أشهر
mandate-yearly = كل سنة
mandate-on-request = كلما طلبت ذلك
