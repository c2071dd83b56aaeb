#include "tests/simulation/scenario.hpp"

#include "proxy/telemetry/access_log.hpp"
#include "proxy/telemetry/counter_registry.hpp"
#include "tests/simulation/actors.hpp"

#include <memory>
#include <optional>

namespace bearward::simulation {
namespace {

/// An actor may come so often.
struct part {
    const char* name;
    task<> (*play)(world&, choices);
    unsigned percent; ///< how often it comes at all
    unsigned most;    ///< how many of it
};
constexpr part parts[] = {
    {"http client", &http_client, 100, 5},
    {"WebSocket client", &websocket_client, 35, 2},
    {"prompt client", &prompt_client, 15, 1},
    {"rude client", &rude_client, 20, 2},
    {"flooding client", &flooding_client, 1, 1},
    {"reloading operator", &reloading_operator, 25, 1},
    {"stopping operator", &stopping_operator, 15, 1},
    {"health checks", &health_checks, 20, 1},
    {"trickling client", &trickling_client, 6, 1},
    {"key issuer", &key_issuer, 20, 1},
    {"event client", &event_client, 20, 2},
    {"client of events that may be revoked", &named_event_client, 6, 3},
    {"revoking operator", &revoking_operator, 12, 1},
    {"renewing client", &renewing_client, 12, 3},
};

transport choose_transport(choices& random) {
    const bool encrypted = random.percent(15);
    return {encrypted && random.percent(70), encrypted && random.percent(70), random.percent(15)};
}

/// Apps that are there or not, and come and go.
void open_servers(world& in, choices& random) {
    for (const auto port : app_ports) {
        const unsigned absent = random.percent(75) ? 0 : static_cast<unsigned>(random.below(60));
        in.kernel.servers[port] = {
            .accept =
                [&in, absent, chance = random.fork(port), number = std::uint64_t{0}](const connection_ptr& line) mutable {
                    if (chance.percent(absent)) {
                        return ECONNREFUSED;
                    }
                    in.kernel.time.spawn(app(in, line, chance.fork(++number)), "app");
                    return 0;
                },
            .network = choose_network(random),
            .hanging = random.percent(85) ? 0 : static_cast<unsigned>(random.below(40)),
        };
    }
}

/// What look-ups find: addresses, others than before, or nothing.
proxy::upstream::lookup_result look_up(choices& random) {
    if (random.one_in(6)) {
        return std::unexpected(std::string("no such host"));
    }
    std::vector<boost::asio::ip::address> found;
    for (std::uint64_t left = random.between(1, 3); left != 0; --left) {
        found.push_back(boost::asio::ip::address_v4({127, 0, 0, static_cast<unsigned char>(random.between(1, 4))}));
    }
    return found;
}

void spawn_actors(world& in, const scenario& what, choices& random, std::vector<std::string>& cast) {
    for (const part& each : parts) {
        const auto count = random.percent(each.percent) ? random.between(1, each.most) : 0;
        for (std::uint64_t number = 0; number < count; ++number) {
            const auto place = static_cast<unsigned>(cast.size());
            cast.emplace_back(each.name);
            if (!what.without.contains(place)) {
                in.kernel.time.spawn(each.play(in, random.fork(10'000 + place)), each.name);
            }
        }
    }
}

std::size_t named_servers(const proxy::worker& of) {
    std::size_t count = 0;
    for (const auto& upstream : of.rules()->settings.upstreams) {
        count += static_cast<std::size_t>(
            std::ranges::count_if(upstream.servers, [](const config::endpoint& each) { return each.host == "app.test"; }));
    }
    return count;
}

/// Ends the worker when all actors have gone, and says what should not be left by then.
task<> watch(world& in, const proxy::shared_counts& shared) {
    co_await in.kernel.time.sleep(1s);
    const auto end = in.kernel.time.now() + 26h;
    // Twice in a row: a request may still be on its way to an app whose actor comes only then.
    for (int quiet = 0; quiet < 2 && in.kernel.time.now() < end;) {
        quiet = in.kernel.time.actors() > 1 ? 0 : quiet + 1;
        co_await in.kernel.time.sleep(5s);
    }
    if (in.kernel.time.actors() > 1) {
        in.kernel.fault("left for ever: " + in.kernel.time.names());
    }
    if (in.worker == nullptr) {
        co_return;
    }
    if (in.worker->active_exchanges() != 0) {
        in.kernel.fault("an exchange is left when nobody asks any more");
    }
    if (shared.connections.load() != 0 || shared.websockets.load() != 0) {
        in.kernel.fault("connections are counted that are not there: " + std::to_string(shared.connections.load()));
    }
    if (const auto open = in.kernel.open_connections(); open != 0) {
        in.kernel.fault(std::to_string(open) + " connections are open when nobody is there any more");
    }
    // Names are looked up again and again, once for each server that has one.
    if (const auto armed = in.worker->wheel().armed(); armed > named_servers(*in.worker)) {
        in.kernel.fault(std::to_string(armed) + " deadlines are armed when nobody waits any more");
    }
    in.worker->stop();
    co_await in.kernel.time.sleep(1h);
    if (in.worker != nullptr) {
        in.kernel.give_up("a stop does not end the worker");
    }
}

} // namespace

outcome run(const scenario& what) {
    const choices random = what.bytes.empty() ? choices(what.seed) : choices(what.bytes, what.seed);
    choices plan = random.fork(2);
    const transport speaks = choose_transport(plan);
    const rule_book& first = find_rule_book(speaks, static_cast<unsigned>(plan.below(rule_book_count)));
    static proxy::access_log log(first.loaded.log); // off: it has a thread, and none of its own per scenario
    outcome result;
    kernel machine(what.seed, random);
    machine.tracing = what.tracing;
    machine.tracing_calls = what.tracing_calls;
    if (what.calm) {
        machine.conduct = {0, 0, 0, 0};
    }
    simulated = &machine;
    {
        ledger book(machine);
        std::optional<tls_ends> tls;
        if (speaks.client_tls || speaks.upstream_tls) {
            tls.emplace();
        }
        proxy::counter_registry counters(1);
        late_keys keys(machine, book, random.fork(5));
        withdrawals withdrawn(machine, book);
        const auto prepare = [&counters, &keys, &withdrawn](const rule_book& from) {
            keys.serve(*from.loaded.rules);
            withdrawn.serve(*from.loaded.rules);
            return std::make_shared<const proxy::serving>(from.loaded, counters);
        };
        proxy::shared_counts shared;
        choices names = random.fork(4);
        std::optional<proxy::upstream::directory> known(
            std::in_place, [&names](const std::string&) { return look_up(names); },
            [&machine, &names](std::function<void()> job) { machine.time.after(choose_pause(names, 3s), std::move(job)); });
        world in{.kernel = machine,
                 .book = book,
                 .speaks = speaks,
                 .tls = tls ? &*tls : nullptr,
                 .bulky = plan.percent(3),
                 .listeners = {machine.open_listener()},
                 .at_reload = {},
                 .worker = nullptr,
                 .known = &*known,
                 .keys = &keys,
                 .withdrawn = &withdrawn,
                 .prepare = prepare,
                 .most_requests = what.most_requests};
        book.begin_rules(first);
        open_servers(in, plan);
        {
            std::optional<proxy::worker> worker(std::in_place, prepare(first), log, shared, *known, &keys, 0);
            in.worker = &*worker;
            worker->add_listener(in.listeners.front(), 0);
            spawn_actors(in, what, plan, result.cast);
            machine.time.spawn(watch(in, shared), "watch");
            worker->run();
            in.worker = nullptr;
            in.known = nullptr;
            keys.close();
            known.reset(); // look-ups that are under way find nobody
            worker.reset();
            while (machine.time.actors() != 0 && machine.time.advance()) { // those that outlive a drain
            }
            machine.time.clear();
        }
        if (machine.open_descriptors() != 0) {
            machine.fault(std::to_string(machine.open_descriptors()) + " descriptors are open when the worker is gone");
        }
        result.requests = book.asked_count();
        result.statuses = book.statuses();
    }
    simulated = nullptr;
    result.faults = machine.faults();
    result.trace_hash = machine.trace_hash();
    result.calls = machine.calls();
    result.longest_turn = machine.longest_turn();
    result.seconds = static_cast<double>((machine.time.now() - timeline::started_at).count()) / 1e9;
    return result;
}

} // namespace bearward::simulation
