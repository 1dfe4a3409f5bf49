"""A peer of libtorrent (Debian's python3-libtorrent) for the benchmarks; see torrent-peer.ts."""
import json
import os
import signal
import sys
import time

import libtorrent as lt

POLL_S = 0.05
POLLS_PER_PROGRESS = 4

# No limits, every peer served, plain TCP as the others use it, and no other ways to find peers.
SETTINGS = {
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_incoming_utp": False,
    "enable_outgoing_utp": False,
    "unchoke_slots_limit": -1,
    "connections_limit": 200,
    "active_downloads": -1,
    "active_seeds": -1,
    "active_limit": -1,
    # Seeds behind different routers help each other only through third peers. A peer that others cannot reach must
    # retry soon if it was too early.
    "close_redundant_connections": False,
    "min_reconnect_time": 1,
    "max_failcount": 1000,
    # The benchmark's tracker has an address of a private network.
    "ssrf_mitigation": False,
}

PLAIN = {
    "in_enc_policy": int(lt.enc_policy.pe_disabled),
    "out_enc_policy": int(lt.enc_policy.pe_disabled),
}

# The whole connection, not only its handshake.
ENCRYPTED = {
    "in_enc_policy": int(lt.enc_policy.pe_forced),
    "out_enc_policy": int(lt.enc_policy.pe_forced),
    "allowed_enc_level": int(lt.enc_level.pe_rc4),
    "prefer_rc4": True,
}


def report(status, **values):
    print(json.dumps({"status": status, **values}), flush=True)


def now_ms():
    return time.monotonic() * 1000


def add(session, torrent):
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent["torrent"])
    params.save_path = torrent["folder"]
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    if torrent["own"]:
        params.flags |= lt.torrent_flags.seed_mode
    return session.add_torrent(params)


def tell_progress(handles, own):
    states = [handle.status() for handle in handles]
    report(
        "progress",
        heldBytes=sum(state.total_wanted_done for state in states),
        ownSentBytes=sum(state.total_payload_upload for state, mine in zip(states, own) if mine),
        duplicateBytes=sum(state.total_redundant_bytes + state.total_failed_bytes for state in states),
    )


def main():
    init = json.loads(sys.argv[1])
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    encryption = ENCRYPTED if init["encrypted"] else PLAIN
    session = lt.session({**SETTINGS, **encryption, "listen_interfaces": f"{init['address']}:{init['port']}"})
    own = [torrent["own"] for torrent in init["torrents"]]
    report("ready", processId=os.getpid())
    signal.sigwait({signal.SIGUSR2})
    report("adding", atMs=now_ms())
    handles = [add(session, torrent) for torrent in init["torrents"]]
    complete = False
    polls = 0
    while True:
        time.sleep(POLL_S)
        polls += 1
        if not complete and all(handle.status(0).is_seeding for handle in handles):
            complete = True
            report("complete", atMs=now_ms())
        if polls % POLLS_PER_PROGRESS == 0:
            tell_progress(handles, own)


main()
