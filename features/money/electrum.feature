@logged-in @desktop-programs
Feature: Electrum on the command line
  Without a network: what Electrum itself does with keys and payments.

  @task:money/wallet @task:money/receive
  Scenario: Make a wallet and get an address to be paid at
    When I run "electrum --offline create"
    Then the output says "keep your seed in a safe place"
    When I run "electrum --offline getunusedaddress"
    Then the output says "bc1q"

  @task:money/restore
  Scenario: Restore a wallet from its words
    When I run "electrum --offline restore 'amused enroll illegal faith travel icon myself enjoy glass mule pudding key'"
    And I run "electrum --offline getunusedaddress"
    Then the output is "bc1qv65n79xu7cxphz7gsngsxkuu82v373ck4qh2zz"

  @task:money/sign
  Scenario: Sign a payment with a key from paper
    Given the file "~/payment.json" that says "{"inputs": [{"prevout_hash": "9d221a69ca3997cbeaf5624d723e7dc5f829b1023078c177d37bdae95f37c539", "prevout_n": 1, "value_sats": 1000000, "privkey": "p2wpkh:KwFfpDsaF7yxCELuyrH9gP5XL7TAt5b9HPWC1xCQbmrxvhJgMQHb"}], "outputs": [{"address": "bc1qyz7zy93yzamhw63q92vwa9zeptl2x8vdhw0sw7", "value_sats": 990000}]}"
    When I run "electrum --offline serialize "$(cat payment.json)" > payment"
    Then the file "~/payment" says "0247304402207a4ec7647a3db7244882c72ecf0a36290b3df782bc7bffa60072ac828b2ca99f"
