#include "proxy/control/takeover.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
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

/// The names, or nothing for what a Bearward doesn't say.
std::vector<std::string> parse_names(const std::string& line) {
    std::vector<std::string> names;
    boost::system::error_code error;
    const boost::json::value said = boost::json::parse(line, error);
    const auto* const object = error ? nullptr : said.if_object();
    const auto* const member = object == nullptr ? nullptr : object->if_contains("sockets");
    if (member != nullptr && member->is_array()) {
        for (const auto& each : member->get_array()) {
            names.emplace_back(each.is_string() ? std::string_view(each.get_string()) : std::string_view());
        }
    }
    return names;
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
    auto names = parse_names(*body);
    if (names.empty() || names.size() != descriptors.size()) {
        return std::unexpected("it hands over " + std::to_string(descriptors.size()) + " sockets and names " +
                               std::to_string(names.size()));
    }
    std::vector<inherited_socket> passed;
    for (std::size_t index = 0; index < names.size(); ++index) {
        passed.push_back({std::move(descriptors[index]), std::move(names[index])});
    }
    try {
        return takeover(std::move(channel), inherited_sockets(std::move(passed)));
    } catch (const std::runtime_error& unusable) {
        return std::unexpected(unusable.what());
    }
}

std::expected<void, std::string> takeover::finish() {
    std::vector<owned_descriptor> unexpected;
    const auto said = channel_.send("ready\n") ? channel_.read_until("\n", unexpected) : std::unexpected<std::string>("it has left");
    if (!said) {
        return std::unexpected(said.error());
    }
    if (*said != "yours\n") {
        return std::unexpected("it does not let go");
    }
    return {};
}

} // namespace bearward::proxy
