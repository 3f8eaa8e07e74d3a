# The wording of an ACH debit authorization in Ukrainian; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Я дозволяю { $merchant } один раз списати { $amount } з банківського рахунку, який я вказую в цій формі, електронним платежем (ACH) { $date } або пізніше.
mandate-recurring = Я дозволяю { $merchant } електронні списання (ACH) з банківського рахунку, який я вказую в цій формі: { $amount }, { $frequency }, уперше { $date } або пізніше, доки я не відкличу цей дозвіл.
mandate-web = Я даю цей дозвіл через інтернет і підтверджую, що рахунок належить мені або що я можу дозволяти списання з нього.
mandate-ppd = Це мій письмовий дозвіл, який я підписую електронно, і я підтверджую, що рахунок належить мені або що я можу дозволяти списання з нього.
mandate-ccd = Я даю цей дозвіл від імені підприємства, якому належить рахунок, підтверджую, що маю на це право, і підприємство погоджується дотримуватися правил Nacha (Nacha Operating Rules).
mandate-revoke = Я можу відкликати його, повідомивши { $merchant } щонайменше за три робочі дні до списання. Я можу надрукувати або зберегти цей текст.
mandate-revoke-at = Я можу відкликати його, повідомивши { $merchant } ({ $contact }) щонайменше за три робочі дні до списання. Я можу надрукувати або зберегти цей текст.
mandate-varying = змінна сума, про яку { $merchant } повідомляє мене перед кожним списанням
mandate-weekly = щотижня
mandate-every-two-weeks = кожні два тижні
mandate-monthly = щомісяця
mandate-quarterly = кожні три місяці
mandate-every-six-months = кожні шість місяців
mandate-yearly = щороку
mandate-on-request = щоразу, коли я про це прошу
