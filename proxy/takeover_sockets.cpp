#include "proxy/takeover_sockets.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace bearward::proxy {
namespace {

constexpr std::chrono::seconds patience{5};

using copies = std::vector<std::pair<owned_descriptor, std::uint32_t>>;

template <class Value>
Value await(std::future<Value>& answer) {
    if (answer.wait_for(patience) != std::future_status::ready) {
        throw std::runtime_error("a thread is so busy that it does not hand over its listening sockets");
    }
    return answer.get();
}

std::future<copies> ask(worker& one) {
    const auto answer = std::make_shared<std::promise<copies>>();
    one.copy_listeners([answer](copies made) { answer->set_value(std::move(made)); });
    return answer->get_future();
}

/// Runs on the control thread, whose the admin listeners are.
template <class Work>
auto on_control(service_parts& of, Work work) {
    const auto task = std::make_shared<std::packaged_task<std::invoke_result_t<Work>()>>(std::move(work));
    auto answer = task->get_future();
    asio::post(of.control, [task] { (*task)(); });
    return await(answer);
}

bool has_any_port(const config::endpoint& address) {
    return address.unix_path.empty() && address.port == 0;
}

std::vector<inherited_socket> copy_admin_sockets(service_parts& of, const config::admin_settings& settings) {
    auto copies = on_control(of, [&of] { return of.admin->copy_sockets(); });
    for (inherited_socket& each : copies) {
        const auto& address = each.name == "admin" ? settings.address : settings.probes;
        each.any_port_only = address && has_any_port(*address);
        if (!each.any_port_only) {
            each.name.clear();
        }
    }
    return copies;
}

} // namespace

std::vector<inherited_socket> copy_sockets(service_parts& of) {
    serving_ptr rules;
    std::vector<bool> owns;
    {
        const std::lock_guard lock(of.mutex);
        rules = of.rules;
        std::ranges::transform(of.bound, std::back_inserter(owns), [](const bound_listener& each) { return each.file.exists(); });
    }
    auto all = copy_admin_sockets(of, rules->settings.admin);
    for (const auto& each : of.workers) {
        auto answer = ask(*each);
        for (auto& [descriptor, index] : await(answer)) {
            const config::listener_settings& listener = rules->settings.listeners.at(index);
            const bool any_port = has_any_port(listener.address);
            all.push_back({.descriptor = std::move(descriptor),
                           .name = any_port ? listener.name : "",
                           .owns_file = owns.at(index),
                           .any_port_only = any_port});
        }
    }
    if (std::ranges::any_of(all, [](const inherited_socket& each) { return each.descriptor.get() < 0; })) {
        throw std::runtime_error("no descriptors are free for the listening sockets");
    }
    return all;
}

void give_up_sockets(service_parts& of, const std::vector<std::string>& files) {
    {
        const std::lock_guard lock(of.mutex);
        for (bound_listener& each : of.bound) {
            if (std::ranges::find(files, each.address) != files.end()) {
                each.file.give_up();
            }
        }
    }
    on_control(of, [&of, files] { // which may come late, when nobody waits for it any more
        of.admin->give_up(files);
        return true;
    });
}

void adopt_socket_files(service_parts& of, const std::vector<std::string>& files) {
    for (bound_listener& each : of.bound) {
        if (std::ranges::find(files, each.address) != files.end()) {
            adopt_file_of(each.address, each.file);
        }
    }
    of.admin->adopt_files(files);
}

} // namespace bearward::proxy
