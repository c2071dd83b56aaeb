#include "proxy/event/inherited_sockets.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace bearward::proxy {
namespace {

constexpr int first_passed = 3; // SD_LISTEN_FDS_START
constexpr int most_passed = 4096;

std::string taken_from_environment(const char* name) {
    const char* const value = std::getenv(name);
    std::string text = value == nullptr ? "" : value;
    ::unsetenv(name);
    return text;
}

int parse_count(std::string_view text) {
    int count = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (problem != std::errc() || end != text.data() + text.size() || count < 0 || count > most_passed) {
        throw std::runtime_error("LISTEN_FDS is no number of sockets up to " + std::to_string(most_passed));
    }
    return count;
}

std::vector<std::string> split_names(std::string_view text) {
    std::vector<std::string> names;
    while (true) {
        const auto end = text.find(':');
        names.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return names;
        }
        text.remove_prefix(end + 1);
    }
}

int option_of(int socket, int option) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

/// Empty: it listens; else what it is.
std::string why_unusable(int socket, const std::string& address) {
    if (option_of(socket, SO_TYPE) != SOCK_STREAM) {
        return "is no stream socket";
    }
    if (option_of(socket, SO_ACCEPTCONN) != 1) {
        return "does not listen";
    }
    return address.empty() ? "is neither of TCP nor of a file" : "";
}

/// Whether the address is one that a listener with port 0 there could have.
bool fits_any_port(const std::string& bound, const config::endpoint& wanted) {
    if (!wanted.unix_path.empty() || wanted.port != 0) {
        return false;
    }
    const std::string text = wanted_address(wanted);
    return bound.substr(0, bound.rfind(':')) == text.substr(0, text.rfind(':'));
}

std::string describe(const inherited_socket& socket, const std::string& address) {
    std::string text = "the inherited socket";
    if (!socket.name.empty()) {
        text += " '" + socket.name + "'";
    }
    return address.empty() ? text : text + " on " + address;
}

} // namespace

inherited_sockets::inherited_sockets(std::vector<inherited_socket> sockets) {
    for (auto& each : sockets) {
        std::string address = bound_address(each.descriptor.get());
        if (const std::string why = why_unusable(each.descriptor.get(), address); !why.empty()) {
            throw std::runtime_error(describe(each, address) + ' ' + why);
        }
        sockets_.push_back({std::move(each), std::move(address)});
    }
}

inherited_sockets inherited_sockets::from_environment() {
    const std::string process = taken_from_environment("LISTEN_PID");
    const std::string count_text = taken_from_environment("LISTEN_FDS");
    const std::string names_text = taken_from_environment("LISTEN_FDNAMES");
    if (count_text.empty() || process != std::to_string(::getpid())) {
        return {};
    }
    const int count = parse_count(count_text);
    std::vector<std::string> names(static_cast<std::size_t>(count));
    if (!names_text.empty()) {
        names = split_names(names_text);
    }
    if (std::cmp_not_equal(names.size(), count)) {
        throw std::runtime_error("LISTEN_FDNAMES has " + std::to_string(names.size()) + " names for " + count_text + " sockets");
    }
    std::vector<inherited_socket> passed;
    for (int index = 0; index < count; ++index) {
        const int descriptor = first_passed + index;
        if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {
            throw std::runtime_error("LISTEN_FDS says " + count_text + ", but there is no descriptor " + std::to_string(descriptor));
        }
        passed.push_back({owned_descriptor(descriptor), std::move(names[static_cast<std::size_t>(index)])});
    }
    return inherited_sockets(std::move(passed));
}

std::vector<inherited_sockets::bound_socket> inherited_sockets::take(std::string_view name, const config::endpoint& address) {
    std::vector<bound_socket> taken;
    const auto take_those = [&](const auto& fits) {
        std::vector<bound_socket> rest;
        for (auto& each : sockets_) {
            (fits(each) ? taken : rest).push_back(std::move(each));
        }
        sockets_ = std::move(rest);
    };
    take_those([&](const bound_socket& each) {
        return each.socket.name == name && (!each.socket.any_port_only || fits_any_port(each.address, address));
    });
    if (taken.empty() && !sockets_.empty()) {
        const std::string wanted = wanted_address(address);
        take_those([&](const bound_socket& each) { return each.address == wanted; });
    }
    return taken;
}

listening inherited_sockets::listen(std::string_view name, const config::endpoint& address, std::size_t shares) {
    auto taken = take(name, address);
    if (taken.empty()) {
        return listen_on(address, shares);
    }
    if (std::ranges::any_of(taken, [&](const bound_socket& each) { return each.address != taken.front().address; })) {
        throw std::runtime_error("sockets of different addresses are passed on for the listener '" + std::string(name) +
                                 "': " + taken.front().address + " and " + taken.back().address);
    }
    std::vector<owned_descriptor> sockets;
    sockets.reserve(taken.size());
    if (taken.front().socket.owns_file) {
        files_.push_back(taken.front().address);
    }
    for (auto& each : taken) {
        sockets.push_back(std::move(each.socket.descriptor));
    }
    return adopt_sockets(std::move(sockets), shares);
}

void inherited_sockets::refuse_rest() const {
    if (!sockets_.empty()) {
        const bound_socket& first = sockets_.front();
        throw std::runtime_error(describe(first.socket, first.address) +
                                 " fits no listener: neither a name nor an address in the configuration is its own");
    }
}

} // namespace bearward::proxy
