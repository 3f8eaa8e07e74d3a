# The wording of an ACH debit authorization in Hebrew; en.ftl says what may change.
mandate-version = 1
mandate-direction = rtl
mandate-once = אני מאשר/ת ל-{ $merchant } לחייב { $amount } פעם אחת את חשבון הבנק שהזנתי בטופס זה, בחיוב אלקטרוני (ACH) בתאריך { $date } או אחריו.
mandate-recurring = אני מאשר/ת ל-{ $merchant } חיובים אלקטרוניים (ACH) בחשבון הבנק שהזנתי בטופס זה: { $amount }, { $frequency }, הראשון בתאריך { $date } או אחריו, עד שאבטל הרשאה זו.
mandate-web = אני נותן/ת הרשאה זו דרך האינטרנט ומאשר/ת שהחשבון שלי או שמותר לי להרשות חיובים בו.
mandate-ppd = זוהי ההרשאה הכתובה שלי, שעליה אני חותם/ת באופן אלקטרוני, ואני מאשר/ת שהחשבון שלי או שמותר לי להרשות חיובים בו.
mandate-ccd = אני נותן/ת הרשאה זו בשם העסק שהחשבון שלו, מאשר/ת שמותר לי לעשות זאת, והעסק מסכים להיות כפוף לכללי Nacha ‏(Nacha Operating Rules).
mandate-revoke = אפשר לבטל אותה בהודעה ל-{ $merchant } לפחות שלושה ימי עסקים לפני חיוב. מותר לי להדפיס או לשמור טקסט זה.
mandate-revoke-at = אפשר לבטל אותה בהודעה ל-{ $merchant } ({ $contact }) לפחות שלושה ימי עסקים לפני חיוב. מותר לי להדפיס או לשמור טקסט זה.
mandate-varying = סכום משתנה ש-{ $merchant } מודיע לי עליו לפני כל חיוב
mandate-weekly = בכל שבוע
mandate-every-two-weeks = כל שבועיים
mandate-monthly = בכל חודש
mandate-quarterly = כל שלושה חודשים
mandate-every-six-months = כל שישה חודשים
mandate-yearly = בכל שנה
mandate-on-request = בכל פעם שאבקש
