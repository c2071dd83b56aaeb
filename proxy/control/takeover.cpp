#include "proxy/control/takeover.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

namespace bearward::proxy {
namespace {

constexpr std::chrono::seconds patience{15};
constexpr std::string_view question =
    "POST /takeover HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n";

std::expected<owned_descriptor, std::string> connect(const std::string& path) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if (path.size() >= sizeof to.sun_path) {
        return std::unexpected("its path is too long");
    }
    path.copy(to.sun_path, path.size());
    owned_descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() < 0 || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        return std::unexpected(std::string("nothing answers: ") + std::strerror(errno));
    }
    return socket;
}

/// What is said of each socket; nothing for what a Bearward doesn't say.
std::vector<inherited_socket> parse_sockets(const std::string& line) {
    std::vector<inherited_socket> sockets;
    try {
        for (const auto& each : boost::json::parse(line).as_object().at("sockets").as_array()) {
            sockets.push_back({.descriptor = owned_descriptor(-1),
                               .name = boost::json::value_to<std::string>(each.at("name")),
                               .owns_file = each.at("file").as_bool(),
                               .any_port_only = each.at("any_port").as_bool()});
        }
    } catch (const std::exception&) {
        sockets.clear();
    }
    return sockets;
}

/// Empty: it agrees; else what it says.
std::string why_refused(const std::string& head) {
    constexpr std::string_view agreed = "HTTP/1.1 200 ";
    return head.starts_with(agreed) ? "" : "it answers: " + head.substr(0, head.find('\r'));
}

} // namespace

std::expected<takeover, std::string> takeover::ask(const config::endpoint& admin) {
    auto socket = connect(admin.unix_path);
    if (!socket) {
        return std::unexpected(socket.error());
    }
    descriptor_channel channel(*std::move(socket), patience);
    if (const uid_t user = channel.other_side().user; user != ::geteuid() && user != 0) {
        return std::unexpected("it is of user " + std::to_string(user) + ", and only sockets of the own user and of root are taken over");
    }
    if (!channel.send(question)) {
        return std::unexpected("it has left");
    }
    std::vector<owned_descriptor> descriptors;
    const auto head = channel.read_until("\r\n\r\n", descriptors);
    if (!head) {
        return std::unexpected(head.error());
    }
    if (std::string refused = why_refused(*head); !refused.empty()) {
        return std::unexpected(std::move(refused));
    }
    const auto body = channel.read_until("\n", descriptors);
    if (!body) {
        return std::unexpected(body.error());
    }
    auto passed = parse_sockets(*body);
    if (passed.empty() || passed.size() != descriptors.size()) {
        return std::unexpected("it hands over " + std::to_string(descriptors.size()) + " sockets and names " +
                               std::to_string(passed.size()));
    }
    for (std::size_t index = 0; index < passed.size(); ++index) {
        passed[index].descriptor = std::move(descriptors[index]);
    }
    try {
        return takeover(std::move(channel), inherited_sockets(std::move(passed)));
    } catch (const std::runtime_error& unusable) {
        return std::unexpected(unusable.what());
    }
}

std::expected<void, std::string> takeover::finish(const std::vector<std::string>& files) {
    std::vector<owned_descriptor> unexpected;
    const std::string ready = "ready " + boost::json::serialize(boost::json::value_from(files)) + '\n';
    const auto said = channel_.send(ready) ? channel_.read_until("\n", unexpected) : std::unexpected<std::string>("it has left");
    if (!said) {
        return std::unexpected(said.error());
    }
    if (*said != "yours\n") {
        return std::unexpected("it does not let go");
    }
    return {};
}

} // namespace bearward::proxy
