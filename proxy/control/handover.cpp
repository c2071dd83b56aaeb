#include "proxy/control/handover.hpp"

#include "proxy/event/descriptor_message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <string>
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

/// The names of the sockets, in the order in which they come.
std::string describe(const std::vector<inherited_socket>& sockets) {
    boost::json::array names;
    for (const inherited_socket& each : sockets) {
        names.emplace_back(each.name);
    }
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" +
           boost::json::serialize(boost::json::object{{"sockets", std::move(names)}}) + '\n';
}

/// Whether the other process serves now.
bool hand_over(service& proxy, descriptor_channel& channel) {
    const auto sockets = proxy.copy_sockets();
    std::vector<int> descriptors;
    for (const inherited_socket& each : sockets) {
        descriptors.push_back(each.descriptor.get());
    }
    std::vector<owned_descriptor> unexpected;
    const bool sent = channel.send(describe(sockets), descriptors);
    const auto said = sent ? channel.read_until("\n", unexpected) : std::unexpected<std::string>("it has left");
    if (!said || *said != "ready\n") {
        spdlog::warn("the process that was to replace this one is not ready: {}; this one goes on",
                     said ? "it says something else" : said.error());
        return false;
    }
    return true;
}

} // namespace

handover::handover(service& proxy, std::function<void()> finish) : proxy_(proxy), finish_(std::move(finish)) {}

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
    bool done = false;
    try {
        if (other.user != ::geteuid()) {
            spdlog::warn("user {} asked for the listening sockets, which only the own user may have", other.user);
            (void)channel.send(refusal("403 Forbidden", "Only a process of the same user may take over"));
        } else if (hand_over(proxy_, channel)) {
            proxy_.give_up_sockets();
            done = channel.send("yours\n");
        }
    } catch (const std::exception& failure) {
        spdlog::error("the listening sockets can't be handed over: {}", failure.what());
        (void)channel.send(refusal("503 Service Unavailable", failure.what()));
    }
    if (done) {
        spdlog::info("process {} has taken the listeners over; draining", other.process);
        finish_();
    }
    const std::lock_guard lock(mutex_);
    connection_ = -1;
    busy_ = false;
}

} // namespace bearward::proxy
