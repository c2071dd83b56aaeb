#include "proxy/listener_plan.hpp"

#include "proxy/downstream/open_listener.hpp"

#include <algorithm>
#include <stdexcept>
#include <unistd.h>

namespace bearward::proxy {
namespace {

/// One socket for each worker. Throws when the address can't be bound; what was opened is closed.
std::vector<int> open_for_workers(config::endpoint address, std::size_t workers) {
    std::vector<int> opened;
    try {
        for (std::size_t index = 0; index < workers; ++index) {
            // TCP: one socket a worker. Unix sockets have one queue, shared.
            const bool share = index > 0 && !address.unix_path.empty();
            const int descriptor = share ? ::dup(opened.front()) : downstream::open_listener(address);
            if (descriptor < 0) {
                throw std::runtime_error("can't listen on " + address.text + ": no file descriptor left");
            }
            opened.push_back(descriptor);
            if (address.port == 0 && address.unix_path.empty()) {
                address.port = downstream::bound_port(descriptor);
            }
        }
    } catch (...) {
        std::ranges::for_each(opened, ::close);
        if (!opened.empty()) {
            downstream::socket_file(address).remove();
        }
        throw;
    }
    return opened;
}

} // namespace

listener_plan plan_listeners(const std::vector<config::listener_settings>& had, const std::vector<bound_listener>& bound,
                             const std::vector<config::listener_settings>& wanted, std::size_t workers) {
    listener_plan plan{std::vector<bound_listener>(wanted.size()), std::vector<listener_change>(workers), {}};
    std::vector<std::optional<std::uint32_t>> moved_to(had.size());
    std::vector<int> all_opened;
    std::vector<downstream::socket_file> new_files;
    try {
        for (std::uint32_t index = 0; index < wanted.size(); ++index) {
            std::size_t old = 0;
            while (old < had.size() && (moved_to[old] || had[old].address.text != wanted[index].address.text)) {
                ++old;
            }
            if (old < had.size()) {
                moved_to[old] = index;
                plan.bound[index] = {wanted[index].name, bound[old].address, bound[old].file};
                continue;
            }
            const auto opened = open_for_workers(wanted[index].address, workers);
            all_opened.insert(all_opened.end(), opened.begin(), opened.end());
            new_files.emplace_back(wanted[index].address);
            plan.bound[index] = {wanted[index].name, downstream::bound_address(opened.front()), new_files.back()};
            for (std::size_t worker = 0; worker < workers; ++worker) {
                plan.changes[worker].opened.emplace_back(opened[worker], index);
            }
        }
    } catch (...) {
        std::ranges::for_each(all_opened, ::close);
        std::ranges::for_each(new_files, &downstream::socket_file::remove);
        throw;
    }
    for (std::size_t old = 0; old < had.size(); ++old) {
        if (!moved_to[old]) {
            plan.abandoned.push_back(bound[old].file);
        }
    }
    for (auto& change : plan.changes) {
        change.moved_to = moved_to;
    }
    return plan;
}

} // namespace bearward::proxy
