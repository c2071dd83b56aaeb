#include "proxy/control/handover.hpp"

#include "proxy/event/descriptor_message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bearward::proxy {
namespace {

/// It reads its configuration and fetches its keys meanwhile.
constexpr std::chrono::seconds patience{60};

std::string refusal(const std::string& status, const std::string& detail) {
    const std::string body = boost::json::serialize(boost::json::object{{"detail", detail}}) + '\n';
    return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
}

/// What is known of the sockets, in the order in which they come.
std::string describe(const std::vector<inherited_socket>& sockets) {
    boost::json::array all;
    for (const inherited_socket& each : sockets) {
        all.push_back(boost::json::object{{"name", each.name}, {"file", each.owns_file}, {"any_port", each.any_port_only}});
    }
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" +
           boost::json::serialize(boost::json::object{{"sockets", std::move(all)}}) + '\n';
}

/// "ready [\"unix:/a\"]": the files that the other process takes. Nothing: it says something else.
std::optional<std::vector<std::string>> parse_ready(std::string_view line) {
    constexpr std::string_view word = "ready ";
    boost::system::error_code error;
    const auto said = line.starts_with(word) ? boost::json::parse(line.substr(word.size()), error) : boost::json::value();
    if (error || !said.is_array()) {
        return std::nullopt;
    }
    std::vector<std::string> files;
    for (const auto& each : said.get_array()) {
        files.emplace_back(each.is_string() ? std::string_view(each.get_string()) : std::string_view());
    }
    return files;
}

/// The files that the other process takes, which serves once it hears that this one lets go; error: it is not ready.
std::expected<std::vector<std::string>, std::string> offer_sockets(service& proxy, descriptor_channel& channel) {
    const auto sockets = proxy.copy_sockets();
    std::vector<int> descriptors;
    std::ranges::transform(sockets, std::back_inserter(descriptors), [](const inherited_socket& each) { return each.descriptor.get(); });
    std::vector<owned_descriptor> unexpected;
    if (!channel.send(describe(sockets), descriptors)) {
        return std::unexpected("it has left");
    }
    const auto said = channel.read_until("\n", unexpected);
    if (!said) {
        return std::unexpected(said.error());
    }
    auto files = parse_ready(*said);
    if (!files) {
        return std::unexpected("it says something else");
    }
    if (!channel.send("yours\n")) {
        return std::unexpected("it has left");
    }
    return *std::move(files);
}

} // namespace

handover::handover(service& proxy, std::function<void()> finish, std::function<void()> fail)
    : proxy_(proxy), finish_(std::move(finish)), fail_(std::move(fail)) {}

handover::~handover() {
    {
        const std::lock_guard lock(mutex_);
        if (connection_ >= 0) {
            ::shutdown(connection_, SHUT_RDWR);
        }
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

void handover::take(owned_descriptor connection) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(busy_, true)) {
        (void)descriptor_channel(std::move(connection), std::chrono::seconds{1})
            .send(refusal("409 Conflict", "Another process is taking over already"));
        return;
    }
    if (thread_.joinable()) {
        thread_.join(); // it has ended, or is about to
    }
    connection_ = connection.get();
    thread_ = std::thread([this, taken = std::move(connection)]() mutable { run(std::move(taken)); });
}

void handover::run(owned_descriptor connection) {
    descriptor_channel channel(std::move(connection), patience);
    const auto other = channel.other_side();
    if (other.user != ::geteuid() && other.user != 0) {
        spdlog::warn("user {} asked for the listening sockets, which only the own user and root may have", other.user);
        (void)channel.send(refusal("403 Forbidden", "Only a process of the same user or root may take over"));
    } else {
        hand_over(channel, other.process);
    }
    const std::lock_guard lock(mutex_);
    connection_ = -1;
    busy_ = false;
}

void handover::give_up(const std::vector<std::string>& files) {
    try {
        proxy_.give_up_sockets(files);
    } catch (const std::exception& failure) {
        spdlog::error("what has been handed over is not given up: {}", failure.what());
    }
}

void handover::hand_over(descriptor_channel& channel, pid_t process) {
    try {
        const auto taken = offer_sockets(proxy_, channel);
        if (!taken) {
            spdlog::warn("the process that was to replace this one is not ready: {}; this one goes on", taken.error());
            proxy_.keep_sockets();
            fail_();
            return;
        }
        spdlog::info("process {} has taken the listeners over; draining", process);
        give_up(*taken); // before the drain ends, which removes what is still its own
        finish_();
    } catch (const std::exception& failure) {
        spdlog::error("the listening sockets can't be handed over: {}", failure.what());
        (void)channel.send(refusal("503 Service Unavailable", failure.what()));
        proxy_.keep_sockets();
        fail_();
    }
}

} // namespace bearward::proxy
