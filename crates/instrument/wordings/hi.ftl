# The wording of an ACH debit authorization in Hindi; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = मैं { $merchant } को इस फ़ॉर्म में दिए गए अपने बैंक खाते से { $date } को या उसके बाद इलेक्ट्रॉनिक डेबिट (ACH) द्वारा एक बार { $amount } लेने का अधिकार देता/देती हूँ।
mandate-recurring = मैं { $merchant } को इस फ़ॉर्म में दिए गए अपने बैंक खाते से इलेक्ट्रॉनिक डेबिट (ACH) करने का अधिकार देता/देती हूँ: { $amount }, { $frequency }, पहली बार { $date } को या उसके बाद, जब तक मैं यह अधिकार वापस न ले लूँ।
mandate-web = मैं यह अधिकार इंटरनेट पर देता/देती हूँ और पुष्टि करता/करती हूँ कि खाता मेरा है या मैं उससे डेबिट की अनुमति दे सकता/सकती हूँ।
mandate-ppd = यह मेरा लिखित अधिकार है, जिस पर मैं इलेक्ट्रॉनिक हस्ताक्षर करता/करती हूँ, और मैं पुष्टि करता/करती हूँ कि खाता मेरा है या मैं उससे डेबिट की अनुमति दे सकता/सकती हूँ।
mandate-ccd = मैं यह अधिकार उस व्यवसाय की ओर से देता/देती हूँ जिसका यह खाता है, पुष्टि करता/करती हूँ कि मैं ऐसा कर सकता/सकती हूँ, और व्यवसाय Nacha के नियमों (Nacha Operating Rules) से बँधने को सहमत है।
mandate-revoke = मैं किसी डेबिट से कम से कम तीन कार्य दिवस पहले { $merchant } को बताकर इसे वापस ले सकता/सकती हूँ। मैं यह पाठ छाप या सहेज सकता/सकती हूँ।
mandate-revoke-at = मैं किसी डेबिट से कम से कम तीन कार्य दिवस पहले { $merchant } ({ $contact }) को बताकर इसे वापस ले सकता/सकती हूँ। मैं यह पाठ छाप या सहेज सकता/सकती हूँ।
mandate-varying = बदलती राशि, जो { $merchant } मुझे हर डेबिट से पहले बताता है
mandate-weekly = हर सप्ताह
mandate-every-two-weeks = हर दो सप्ताह
mandate-monthly = हर महीने
mandate-quarterly = हर तीन महीने
mandate-every-six-months = हर छह महीने
mandate-yearly = हर साल
mandate-on-request = जब-जब मैं कहूँ
