// What the actors of one scenario share.
#pragma once

#include "proxy/upstream/server_status.hpp"
#include "proxy/worker.hpp"
#include "tests/simulation/certificates.hpp"
#include "tests/simulation/late_keys.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/rule_book.hpp"
#include "tests/simulation/withdrawals.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bearward::simulation {

struct world {
    kernel& kernel;
    ledger& book;
    transport speaks;
    const tls_ends* tls = nullptr;                ///< null: nothing is encrypted
    bool bulky = false;                           ///< many bodies are large
    std::vector<int> listeners;                   ///< open ones
    std::vector<std::function<void()>> at_reload; ///< called in the moment in which new rules count; by the operator, who then forgets them
    proxy::worker* worker = nullptr;              ///< null: it is gone
    proxy::upstream::directory* known = nullptr;
    late_keys* keys = nullptr;
    withdrawals* withdrawn = nullptr;
    std::vector<const credential*> named{};                      ///< in use, that can be revoked by their IDs
    std::function<proxy::serving_ptr(const rule_book&)> prepare; ///< what a reload serves with
    unsigned most_requests = 0;                                  ///< of one client; 0: as many as it likes
};

/// A connection to the worker as a client opens it at some time, with all that comes before
/// the first request. Null: refused or failed.
[[nodiscard]] task<std::shared_ptr<peer>> open_client(world& in, choices& random);
/// The same at once, through this network.
[[nodiscard]] task<std::shared_ptr<peer>> open_client_now(world& in, network_conduct network, choices& random);
/// An app's end of a connection that the worker made. False: no handshake came about.
[[nodiscard]] task<bool> open_server(world& in, peer& line);

/// A network of any kind.
[[nodiscard]] network_conduct choose_network(choices& random);
[[nodiscard]] sending_conduct choose_sending(choices& random);
/// 1 to `most`: mostly small.
[[nodiscard]] std::size_t choose_size(choices& random, std::size_t most);
/// Of a message's body: now and then more than a buffer holds, or large enough for splice(2).
[[nodiscard]] std::size_t choose_body_size(const world& in, choices& random);
[[nodiscard]] nanoseconds choose_pause(choices& random, nanoseconds most);
/// A credential that may be revoked from now on; mostly of the same person.
[[nodiscard]] const credential& choose_named(world& in, unsigned seconds, choices& random);

} // namespace bearward::simulation
