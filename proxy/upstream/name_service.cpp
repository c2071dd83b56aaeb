#include "proxy/upstream/name_service.hpp"

#include <boost/asio/ip/basic_endpoint.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>

namespace bearward::proxy::upstream {

using clock = std::chrono::steady_clock;

lookup_result look_up_name(const std::string& name) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found); error != 0) {
        return std::unexpected(error == EAI_SYSTEM ? std::generic_category().message(errno) : ::gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    std::vector<asio::ip::address> addresses;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        asio::ip::tcp::endpoint endpoint;
        if ((each->ai_family == AF_INET || each->ai_family == AF_INET6) && each->ai_addrlen <= endpoint.capacity()) {
            std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
            if (std::ranges::find(addresses, endpoint.address()) == addresses.end()) {
                addresses.push_back(endpoint.address());
            }
        }
    }
    return addresses.empty() ? lookup_result(std::unexpected("the name has no address")) : addresses;
}

void run_on_own_thread(std::function<void()> job) {
    std::thread(std::move(job)).detach();
}

struct name_service::state {
    struct question {
        ready_loop* on;
        std::function<void(lookup_result)> deliver;
    };
    struct answer {
        clock::time_point when;
        std::vector<asio::ip::address> addresses;
    };

    state(lookup_function with, job_runner by) : look_up(std::move(with)), run(std::move(by)) {}

    void finish(const std::string& name, const lookup_result& result) {
        const std::lock_guard lock(mutex);
        const auto asking = asked.extract(name);
        if (closed) {
            return;
        }
        if (result) {
            known[name] = {clock::now(), *result};
        }
        for (auto& each : asking.mapped()) {
            deliver(std::move(each), result);
        }
    }

    /// With the mutex held, so that no loop that is asked for is gone.
    static void deliver(question to, const lookup_result& result) {
        to.on->post([call = std::move(to.deliver), result] { call(result); });
    }

    const lookup_function look_up;
    const job_runner run;
    std::mutex mutex;
    bool closed = false;
    std::map<std::string, std::vector<question>> asked;
    std::map<std::string, answer> known;
};

name_service::name_service(lookup_function look_up, job_runner run) : state_(std::make_shared<state>(std::move(look_up), std::move(run))) {}

name_service::~name_service() {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
}

void name_service::ask(const std::string& name, std::chrono::milliseconds max_age, ready_loop& on,
                       std::function<void(lookup_result)> deliver) {
    const std::lock_guard lock(state_->mutex);
    if (const auto found = state_->known.find(name); found != state_->known.end() && clock::now() - found->second.when < max_age) {
        state::deliver({&on, std::move(deliver)}, found->second.addresses);
        return;
    }
    auto& waiting = state_->asked[name];
    waiting.push_back({&on, std::move(deliver)});
    if (waiting.size() > 1) {
        return;
    }
    try {
        state_->run([kept = state_, name] { kept->finish(name, kept->look_up(name)); });
    } catch (const std::system_error& error) {
        const auto asking = state_->asked.extract(name);
        state::deliver(asking.mapped().front(), std::unexpected(error.code().message()));
    }
}

} // namespace bearward::proxy::upstream
