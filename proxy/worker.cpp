#include "proxy/worker.hpp"

#include "policies/close_code.hpp"
#include "policies/invariant.hpp"

#include <pthread.h>

namespace bearward::proxy {
namespace {

using policies::invariant;

/// Exchanges kept for the next burst; each holds two buffers of 16 KiB.
constexpr std::size_t idle_exchange_limit = 64;

/// Whether a worker has it: a tunnel may be in other lists too.
bool is_owned(const boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>>& of) noexcept {
    return of.is_linked();
}

} // namespace

worker::worker(serving_ptr rules, access_log& log, shared_counts& counts, upstream::directory& known, supplier* supplies, std::size_t index)
    : worker_context(std::move(rules), log, counts, known, supplies, index), work_(context().get_executor()) {
    named_sockets().add_worker(index, [this](std::function<void(renewable_sockets&)> task) {
        loop().post([this, task = std::move(task)] { task(renewables()); });
    });
}

worker::~worker() {
    connections_.clear_and_dispose([](downstream::http1_connection* each) { delete each; });
    tunnels_.clear_and_dispose([](tunnel* each) { delete each; });
}

void worker::add_listener(int descriptor, std::uint32_t index) {
    listeners_.push_back(std::make_unique<downstream::listener>(*this, descriptor, index));
}

void worker::run() {
    ::pthread_setname_np(::pthread_self(), ("worker-" + std::to_string(index())).c_str()); // for top and perf
    for (const auto& each : listeners_) {
        each->start();
    }
    loop().run();
    finished_.store(true, std::memory_order_release);
}

void worker::drain() {
    loop().post([this] { begin_drain(true); });
}

void worker::stop() {
    loop().post([this] { begin_stop(); });
}

void worker::replace_rules(serving_ptr rules, listener_change listeners, std::function<void()> adopted) {
    loop().post([this, rules = std::move(rules), listeners = std::move(listeners), adopted = std::move(adopted)]() mutable {
        const serving* const wanted = rules.get();
        adopt_rules(std::move(rules), listeners);
        invariant(this->rules().get() == wanted, "a reload is over when its rules are in force");
        adopted();
    });
}

void worker::recheck_guarded() {
    if (!sweep_posted_.exchange(true)) {
        loop().post([this] {
            sweep_posted_.store(false);
            sweep_.ask();
        });
    }
}

void worker::describe_guarded(std::optional<std::string> user, std::size_t most,
                              std::function<void(std::vector<guarded_facts>, std::size_t)> done) {
    loop().post([this, user = std::move(user), most, done = std::move(done)] {
        std::vector<guarded_facts> some;
        const std::size_t total = guards().describe(user, most, some);
        done(std::move(some), total);
    });
}

void worker::copy_listeners(std::function<void(std::vector<std::pair<owned_descriptor, std::uint32_t>>)> done) {
    loop().post([this, done = std::move(done)] {
        std::vector<std::pair<owned_descriptor, std::uint32_t>> copies;
        for (const auto& each : listeners_) {
            copies.emplace_back(owned_descriptor(each->copy_socket()), each->index());
        }
        done(std::move(copies));
    });
}

void worker::answer(std::function<void()> done) {
    loop().post(std::move(done));
}

void worker::adopt_rules(serving_ptr rules, listener_change& listeners) {
    worker_context::adopt_rules(std::move(rules));
    sweep_.ask(true);
    const auto moved = [&](std::uint32_t index) { return listeners.moved_to.at(index); };
    std::erase_if(listeners_, [&](const auto& each) {
        if (const auto index = moved(each->index())) {
            each->move_to(*index);
            return false;
        }
        each->close();
        return true;
    });
    for (auto& each : connections_) {
        // The connections of a closed listener go on, but no rule of a listener is theirs.
        each.move_to(each.listener() == no_listener ? no_listener : moved(each.listener()).value_or(no_listener));
    }
    for (auto& [socket, index] : listeners.opened) {
        listeners_.push_back(std::make_unique<downstream::listener>(*this, socket.release(), index));
        if (draining()) {
            listeners_.back()->close();
        } else {
            listeners_.back()->start();
        }
    }
}

void worker::begin_drain(bool serves_what_waits) {
    if (draining()) {
        return;
    }
    note_drain();
    for (const auto& each : listeners_) {
        if (serves_what_waits) {
            each->accept_last();
        }
        each->close();
    }
    for (auto& each : connections_) {
        each.begin_drain();
    }
    // Each may remove itself, and only itself, from its list.
    for (auto each = tunnels_.begin(); each != tunnels_.end();) {
        (each++)->close(policies::close_code::going_away, "", tunnel_end::shutdown);
    }
    guards().begin_drain();
    end_if_done();
}

void worker::begin_stop() {
    note_stop();
    begin_drain(false);
    attempts().cancel();
    for (auto each = tunnels_.begin(); each != tunnels_.end();) {
        (each++)->abort();
    }
    for (auto each = connections_.begin(); each != connections_.end();) {
        (each++)->abort();
    }
    end_if_done();
}

void worker::end_if_done() {
    if (draining() && connections_.empty() && tunnels_.empty()) {
        wheel().close();
        work_.reset();
        context().stop();
    }
}

/// There is room again: those that wait in the accept queues come in.
void worker::accept_more() {
    for (const auto& each : listeners_) {
        each->resume();
    }
}

std::unique_ptr<exchange> worker::borrow_exchange() {
    active_exchanges_.store(active_exchanges_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (idle_exchanges_.empty()) {
        return std::make_unique<exchange>(*this);
    }
    auto reused = std::move(idle_exchanges_.back());
    idle_exchanges_.pop_back();
    return reused;
}

void worker::give_back(std::unique_ptr<exchange> used) {
    const std::uint64_t active = active_exchanges_.load(std::memory_order_relaxed);
    invariant(active > 0 && &used->owner == this, "an exchange comes back to the worker that lent it");
    active_exchanges_.store(active - 1, std::memory_order_relaxed);
    used->rest(); // also of one that ends here: what it has borrowed goes back
    if (idle_exchanges_.size() < idle_exchange_limit) {
        idle_exchanges_.push_back(std::move(used));
    }
}

void worker::adopt(std::unique_ptr<downstream::http1_connection> fresh) {
    auto& kept = *fresh.release();
    connections_.push_back(kept);
    kept.open();
}

void worker::remove(downstream::http1_connection& ended) {
    invariant(is_owned(ended), "a connection is removed once");
    connections_.erase(connections_.iterator_to(ended));
    delete &ended;
    free_connection();
    accept_more();
    end_if_done();
}

void worker::adopt(std::unique_ptr<tunnel> open) {
    counts().connections.fetch_add(1, std::memory_order_relaxed);
    counts().websockets.fetch_add(1, std::memory_order_relaxed);
    auto& kept = *open.release();
    tunnels_.push_back(kept);
    guards().add(kept);
    kept.start();
}

void worker::remove(tunnel& ended) {
    invariant(is_owned(ended), "a tunnel is removed once");
    tunnels_.erase(tunnels_.iterator_to(ended));
    delete &ended;
    free_connection();
    const std::uint64_t before = counts().websockets.fetch_sub(1, std::memory_order_relaxed);
    invariant(before > 0, "as many WebSockets end as were counted");
    accept_more();
    end_if_done();
}

} // namespace bearward::proxy
