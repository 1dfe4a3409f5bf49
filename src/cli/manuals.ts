/** The parts of the commands' manual pages that their options do not cover. `own` is how the command is called. */
import { EXIT_CODES } from '../core/errors.ts'
import { type CallOf, callOf } from './calls.ts'
import { type Manual, type ManualEntry, ROLE_EXIT_CODES } from './manual.ts'

const SECRET_ENTRY: ManualEntry = [
  'POTLUCK_SECRET',
  "the line of a secret file, used if neither --secret-file nor the configuration's secretFile is set"
]

const DEBUG_ENTRY: ManualEntry = ['NODE_DEBUG=potluck', 'prints stack traces of unexpected errors']

const LOG_ENTRIES: readonly ManualEntry[] = [
  ['<logs>/<name>.log', 'what happened, one line per event, prefixed with the swarm clock'],
  ['<logs>/<name>.jsonl', 'the same for machines, as with --json']
]

export function coordinatorManual(own: string): Manual {
  return {
    description: [
      'Introduces the peers of a swarm to one another, keeps its clock, and ends when all have every file. It carries no file itself, except with --relay.',
      'At its start the coordinator prints an invitation. Send this line only to the people who should join. It works until the swarm has ended, or, with --late no, until it starts.'
    ].join('\n\n'),
    examples: [
      [`${own} --listen 9000 --peers 3`, 'A swarm of three machines; prints an invitation for them'],
      [
        `${own} --listen 9000 --announce 203.0.113.7:9000`,
        "The same for four, with this machine's public address in the invitation"
      ],
      [
        `${own} --new-secret secret.txt`,
        'A secret in a file, to be copied to all machines, for swarms without invitations'
      ],
      [`${own} --listen 9000 --secret-file secret.txt`, 'A swarm whose machines all have that file'],
      [`${own} --peers 2`, 'A swarm on this machine alone'],
      [`${own} report logs`, 'The report of a run, made again from the logs in that folder']
    ],
    settings: [
      [
        'identityFile',
        'the file with its own key, created if missing; without this setting, another key at each start'
      ],
      ['stateFile', 'where an unfinished swarm is saved (default: see below)'],
      ['allow', 'a list of PeerIds; no other peers may join'],
      ['chunkByteLength', 'the chunk length, from 1024 to 4194304 bytes (default: 262144)'],
      [
        'publishTimeoutMs',
        "how long a swarm that has started waits for a peer's list of files (default: 120000, or 3600000 with another chunkByteLength)"
      ],
      [
        'maxListBytes',
        'how many bytes the file lists of all peers may have together, one list half of that (default: 268435456)'
      ],
      ['peerReturnTimeoutMs', 'how long to wait for a lost peer (default: 300000)'],
      [
        'The options',
        'are expectedPeers (--peers), startAfterMs (--start-after, in ms), secretFile (--secret-file), and name, late, listen, announce, relay, open, dashboard, report and logs like their flags'
      ]
    ],
    files: [
      ['coordinator.json', 'read where --config names no other file, if it is here or in config/'],
      ...LOG_ENTRIES,
      ['<logs>/report.html', 'how the run went, with report.json beside it; both are written at its end'],
      [
        '<logs>/<name>-<port>.state',
        'the unfinished swarm, with keys: if this coordinator is interrupted or killed, its next start with the same port continues the swarm, and the invitation stays the same; removed when the swarm ends'
      ]
    ],
    environment: [SECRET_ENTRY, DEBUG_ENTRY],
    exitCodes: ROLE_EXIT_CODES.filter(([code]) => code !== '3')
  }
}

export function peerManual(own: string): Manual {
  return {
    description: [
      'Shares files with a swarm, collects those of all others, and ends when all have everything.',
      "The files of the others are stored in <folder>/<peer's name>/. A peer that starts again with the same folder resumes."
    ].join('\n\n'),
    examples: [
      [`${own} --join potluck1… --share big.iso --into ./got`, 'With an invitation'],
      [
        `${own} --join - --share photos --share big.iso`,
        'The same, with the invitation pasted where others cannot read it'
      ],
      [
        `${own} --join potluck1… --name ann --into ./ann`,
        'A second peer on one machine, which brings nothing'
      ],
      [
        `${own} --name ann --coordinator 192.0.2.1:9000 --listen 9001 --secret-file secret.txt --share big.iso --into ./got`,
        'With a secret file that all machines have'
      ],
      [`${own} --config client1.json`, 'With a configuration file']
    ],
    settings: [
      ['collection', 'the same as --into'],
      ['identityFile', "the file with this peer's own key, created if missing (default: in the collection)"],
      ['joinTimeoutMs', 'how long the peer tries to reach the coordinator (default: 60000)'],
      [
        'onCoordinatorLost',
        '"exit": end with 3 even if it is lost after the catalog is known (default: "continue")'
      ],
      ['peerReturnTimeoutMs', 'how long to wait for a lost peer that has missing files (default: 300000)'],
      [
        'The options',
        'are secretFile (--secret-file), and name, coordinator, share, exclude, portableNames (--portable-names), only, except, askAbove (--ask-above), listen, announce, verify, open, uplink, downlink, metrics and logs like their flags; maxUp (--max-up) and maxDown (--max-down) are read again at SIGHUP, while the peer runs'
      ]
    ],
    files: [
      ["<folder>/<peer's name>/", 'the files of that peer'],
      ['<folder>/.potluck/', "incomplete files, and this peer's identity"],
      ['~/.local/state/potluck/', 'that identity, if the disk of the folder has no permissions'],
      ...LOG_ENTRIES
    ],
    environment: [
      [
        'POTLUCK_INVITATION',
        'an invitation, used if no argument has one or names the coordinator; other users of this machine cannot read it'
      ],
      SECRET_ENTRY,
      DEBUG_ENTRY
    ],
    exitCodes: ROLE_EXIT_CODES
  }
}

/** For a coordinator and a peer in one process; their own pages describe the configuration files. */
export function hostManual(own: string): Manual {
  const [coordinator, peer] = [coordinatorManual(own), peerManual(own)]
  return {
    description: [
      'Starts a swarm, shows the invitation to it, and takes part: shares files with all who join, and collects theirs. Ends when all have everything.',
      'Send the invitation only to the people who should join. It works until the swarm is full or has ended. The coordinator listens on TCP port 9000, and the peer beside it on 9001: open both if others connect over the internet.'
    ].join('\n\n'),
    examples: [
      [`${own} Photos`, 'A folder to share; the files of the others go to ./potluck'],
      [`${own} --peers 3 --share Photos --into got`, 'Three people, this one included'],
      [`${own} --announce 203.0.113.7:9000 Photos`, 'With the public address of this machine'],
      [`${own} --listen 127.0.0.1:9000 Photos`, 'For the users of this machine alone'],
      [own, 'A machine that only collects']
    ],
    files: [
      ...(peer.files ?? []).filter(([name]) => !LOG_ENTRIES.some(([log]) => log === name)),
      ...LOG_ENTRIES,
      ...(coordinator.files ?? []).filter(
        ([name]) => name !== 'coordinator.json' && !LOG_ENTRIES.some(([log]) => log === name)
      )
    ],
    environment: [SECRET_ENTRY, DEBUG_ENTRY],
    exitCodes: ROLE_EXIT_CODES
  }
}

/** For an invited peer; the page of `peer` describes the configuration file. */
export function joinManual(own: string): Manual {
  const { files, environment = [], exitCodes } = peerManual(own)
  return {
    description: [
      'Joins a swarm with the invitation that its host sent, shares files with it, and collects those of all others. Ends when all have everything.',
      "The files of the others are stored in <folder>/<peer's name>/. A peer that starts again with the same folder resumes."
    ].join('\n\n'),
    examples: [
      [`${own} potluck1… Photos`, 'A folder to share; the files of the others go to ./potluck'],
      [`${own} potluck1… *.jpg --into ./got`, 'Some files, and those of the others elsewhere'],
      [
        `${own} - Photos`,
        'The same, with the invitation pasted where other users of this machine cannot read it'
      ],
      [`${own} --invitation-file invitation.txt Photos`, 'In a script']
    ],
    ...(files && { files }),
    environment: environment.filter(([name]) => name !== SECRET_ENTRY[0]),
    exitCodes
  }
}

export function startManual(own: string): Manual {
  return {
    description:
      'Runs a whole swarm on this machine, a coordinator and peers as processes of their own, and checks every file at the end.',
    examples: [
      [own.replace(/ --$/, ''), 'Four peers with 500 MiB each'],
      [`${own} --size 8MiB --peers 6 --dir /tmp/try --clean`, 'A smaller one that leaves nothing behind']
    ],
    files: [
      ['<dir>/<peer>/share/', 'what each peer brings: made once, and used again'],
      ['<dir>/<peer>/collection/', 'what it collected: removed at the next start'],
      ['<dir>/logs/', 'the logs of all']
    ],
    environment: [DEBUG_ENTRY],
    exitCodes: [['0', 'all files are identical'], ...ROLE_EXIT_CODES.filter(([code]) => code !== '0')]
  }
}

/** For the command that makes a running coordinator start. */
export function startNowManual(own: string): Manual {
  return {
    description: [
      'Tells a host or coordinator on this machine to start with the people who are here, at least two. At its terminal, Enter does the same, and so does the signal SIGUSR2.',
      'Only the user who started the coordinator can do this.'
    ].join('\n\n'),
    examples: [
      [own, 'Start, where one coordinator waits for people'],
      [`${own} 9000`, 'The one that listens on this port'],
      [`${own} --peers 5`, 'Wait for five people instead']
    ],
    files: [
      [
        '/tmp/potluck-<user id>/',
        'a socket for each coordinator; in another place where that is not private, or with the service'
      ]
    ],
    exitCodes: [
      [String(EXIT_CODES.ok), 'the swarm starts, or waits for as many people as --peers says'],
      [String(EXIT_CODES.usage), 'an argument cannot be used, or several coordinators wait'],
      [
        String(EXIT_CODES.coordinator),
        'no coordinator runs or answers, or it cannot start: too few people are here, or its swarm has started'
      ]
    ]
  }
}

/** For the command that prints a script for a shell. */
export function completionManual(own: string): Manual {
  return {
    description:
      'Prints a script with which a shell completes commands, options, files and folders of potluck. Print it again after an upgrade.',
    examples: [
      [`source <(${own} bash)`, 'In ~/.bashrc, or typed for this shell alone'],
      [
        `${own} zsh > ~/.zfunc/_potluck`,
        'Where ~/.zshrc has "fpath+=~/.zfunc; autoload -Uz compinit; compinit"'
      ],
      [`${own} fish > ~/.config/fish/completions/potluck.fish`, 'For fish']
    ],
    exitCodes: ROLE_EXIT_CODES.filter(([code]) => code === '2')
  }
}

/** For `potluck` itself, which only calls others. */
export function potluckManual(own: string, call: CallOf = callOf): Manual {
  return {
    description:
      'Everyone brings a file; everyone leaves with all of them: moves the files of a group of machines to all of these machines, as one operation that ends, with every byte verified.',
    examples: [
      [`${call('host')} --peers 3 Photos`, 'On one machine, which shows an invitation'],
      [`${call('join')} potluck1… big.iso --into got`, 'On the two others, with that invitation'],
      [`${own} join --help`, 'What a command takes']
    ],
    exitCodes: ROLE_EXIT_CODES
  }
}
