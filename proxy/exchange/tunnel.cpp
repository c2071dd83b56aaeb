#include "proxy/exchange/tunnel.hpp"

#include "proxy/exchange/tunnel_record.hpp"
#include "proxy/worker_context.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bearward::proxy {
namespace {

using namespace std::chrono_literals;

/// How long the client may take to answer our Close.
constexpr std::chrono::milliseconds close_grace = 2s;
/// Reads in a row before other connections get their turn.
constexpr int turn_length = 16;
constexpr std::size_t read_size = std::size_t{64} * 1024;

/// Read into by every tunnel of a thread; what can't be written at once moves to
/// the tunnel's own memory.
std::span<char> scratch() {
    thread_local const auto block = std::make_unique<std::array<char, read_size>>();
    return *block;
}

} // namespace

tunnel::tunnel(worker_context& owner, stream_ptr client, stream_ptr server, std::string_view from_client, std::string_view from_server,
               const tunnel_options& options, standing by, access_record record, std::chrono::steady_clock::time_point started,
               tunnel_slots slots)
    : guarded(std::move(by)), owner_(owner), up_{.from = client, .to = server}, down_{.from = std::move(server), .to = std::move(client)},
      options_(options), record_(std::move(record)), started_(started), limit_(owner.wheel(), *this), idle_(owner.wheel(), *this),
      stalled_(owner.wheel(), *this), last_activity_(std::chrono::steady_clock::now()), slots_(std::move(slots)),
      client_open_(options.counts.client), upstream_open_(options.counts.upstream), server_open_(*options.counts.server),
      websocket_open_(options.counts.route.websockets) {
    up_.traffic = &options.counts.route.from_clients;
    down_.traffic = &options.counts.route.to_clients;
    options.counts.route.websockets_opened.add();
    begin(up_, options.from_client, from_client);
    begin(down_, options.from_server, from_server);
}

void tunnel::begin(direction& way, const websocket::frame_limits& limits, std::string_view early) {
    if (limits.none()) {
        follow(way, early);
        way.waiting = early;
    } else {
        way.limits = std::make_unique<limited>(websocket::frame_gate(limits), std::string(early)); // judged in start()
    }
}

void tunnel::follow(direction& way, std::string_view bytes) noexcept {
    const std::uint64_t before = way.scanner.frames();
    way.scanner.scan(bytes);
    way.bytes += bytes.size();
    way.traffic->bytes.add(bytes.size());
    way.traffic->frames.add(way.scanner.frames() - before);
}

tunnel::~tunnel() {
    if (slots_.name.taken()) {
        owner_.renewables().erase(slots_.name.number());
    }
    up_.from->close();
    up_.to->close();
}

void tunnel::start() {
    if (slots_.name.taken()) {
        owner_.renewables().emplace(slots_.name.number(), this);
    }
    up_.from->listen(this);
    up_.to->listen(this);
    arm_limit();
    idle_.arm(options_.idle_timeout);
    if (owner_.draining()) {
        close(policies::close_code::going_away, "", tunnel_end::shutdown); // its handshake was under way when the drain began
        return;
    }
    if (take(up_, {}, false) && take(down_, {}, true)) {
        pump_both();
    } else {
        end();
    }
}

void tunnel::pump_both() {
    const bool up_sound = pump(up_, false);
    if (!up_sound || up_.source_ended || up_.scanner.close_seen()) {
        ended_by(up_sound ? tunnel_end::client : tunnel_end::upstream);
    }
    const bool sound = up_sound && pump(down_, true);
    if (!sound || down_.source_ended || down_.scanner.close_seen()) {
        ended_by(sound ? tunnel_end::upstream : tunnel_end::client);
    }
    if (!sound || done()) {
        end();
        return;
    }
    if (closes_written() && !std::exchange(awaiting_answer_, true)) {
        limit_.arm(close_grace);
    }
    arm();
}

/// Keeps the deadline of a peer that does not read.
void tunnel::arm() {
    const bool stuck = !up_.waiting.empty() || !down_.waiting.empty();
    if (!stuck) {
        stalled_.disarm();
    } else if (!stalled_.armed()) {
        stalled_.arm(options_.write_timeout);
    }
}

bool tunnel::done() const noexcept {
    if (up_.end_written && down_.end_written) {
        return true;
    }
    // Our Closes are out, and the client has answered or left.
    return closes_written() && (up_.scanner.close_seen() || up_.source_ended);
}

bool tunnel::closes_written() const noexcept {
    const auto written = [](const direction& way) { return (way.close_sent || way.source_ended) && way.waiting.empty(); };
    return close_code_ != 0 && written(up_) && written(down_);
}

bool tunnel::write_waiting(direction& way) {
    std::size_t written = 0;
    const auto sent_before = way.to->tls_bytes_sent();
    while (written != way.waiting.size()) {
        const iovec piece{way.waiting.data() + written, way.waiting.size() - written};
        const auto result = way.to->write_some({&piece, 1});
        if (result.would_block()) {
            way.to->want_write();
            break;
        }
        if (!result.done()) {
            return false;
        }
        written += result.bytes;
        stalled_.disarm();
    }
    if (way.to->tls_bytes_sent() != sent_before) {
        stalled_.disarm(); // a part of a record is progress too
    }
    if (written == way.waiting.size()) {
        // An idle tunnel keeps no block.
        std::string{}.swap(way.waiting);
    } else {
        way.waiting.erase(0, written);
    }
    return true;
}

bool tunnel::forward(direction& way, std::string_view bytes, bool to_client) {
    if (way.close_sent) {
        way.scanner.scan(bytes); // only to see the peer's Close
        return true;
    }
    if (close_code_ != 0) {
        const std::size_t until = way.scanner.until_boundary(bytes);
        const auto rest = bytes.substr(until);
        bytes = bytes.substr(0, until);
        follow(way, bytes);
        way.waiting.append(bytes);
        if (way.scanner.at_boundary()) {
            add_close(way, to_client);
            way.scanner.scan(rest);
        }
        return write_waiting(way);
    }
    follow(way, bytes);
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    const auto result = way.to->write_some({&piece, 1});
    if (!result.done() && !result.would_block()) {
        return false;
    }
    if (result.bytes != bytes.size()) {
        way.waiting.assign(bytes.substr(result.bytes));
        return write_waiting(way);
    }
    return true;
}

bool tunnel::take(direction& way, std::string_view bytes, bool to_client) {
    if (way.limits == nullptr) {
        return bytes.empty() || forward(way, bytes, to_client);
    }
    std::string joined = std::exchange(way.limits->held, {});
    if (!joined.empty()) {
        bytes = joined += bytes;
    }
    if (close_code_ != 0) {
        return forward(way, bytes, to_client);
    }
    const auto now = std::chrono::nanoseconds(last_activity_.time_since_epoch()).count();
    const auto judged = way.limits->gate.look(bytes, now);
    const std::string_view rest = bytes.substr(judged.pass);
    if (judged.pass != 0 && !forward(way, bytes.substr(0, judged.pass), to_client)) {
        return false;
    }
    if (!judged.broken) {
        way.limits->held = rest;
        return true;
    }
    if (*judged.broken == websocket::frame_breach::message_too_big) {
        begin_close(policies::close_code::message_too_big, "Message too big", tunnel_end::max_message);
    } else {
        begin_close(policies::close_code::policy_violation, "Too many frames", tunnel_end::max_frame_rate);
    }
    owner_.loop().give_up_turn(*this); // the other way may have been pumped before
    return forward(way, rest, to_client);
}

bool tunnel::pump(direction& way, bool to_client) {
    for (int turn = 0; turn < turn_length; ++turn) {
        if (!way.waiting.empty() && !write_waiting(way)) {
            return false;
        }
        if (!way.waiting.empty()) {
            return true;
        }
        if (way.source_ended) {
            if (!way.end_written) {
                way.end_written = way.to->shutdown_write();
                if (!way.end_written) {
                    way.to->want_write();
                }
            }
            // The other side has a moment to finish; nothing new comes from here.
            if (!std::exchange(way.finished, true) && close_code_ == 0) {
                limit_.arm(close_grace);
            }
            return true;
        }
        if (!way.from->readable()) {
            way.from->want_read();
            return true;
        }
        const auto result = way.from->read_some(scratch());
        if (result.would_block()) {
            continue;
        }
        if (!result.done()) {
            way.source_ended = true;
            continue;
        }
        last_activity_ = std::chrono::steady_clock::now();
        if (!take(way, std::string_view{scratch().data(), result.bytes}, to_client)) {
            return false;
        }
    }
    owner_.loop().give_up_turn(*this);
    return true;
}

void tunnel::ended_by(tunnel_end why) noexcept {
    why_ = why_.value_or(why);
}

void tunnel::abort() {
    ended_by(tunnel_end::shutdown);
    end();
}

void tunnel::end() {
    record_.bytes_in = up_.bytes;
    record_.bytes_out = down_.bytes;
    record_.frames_in = up_.scanner.frames();
    record_.frames_out = down_.scanner.frames();
    const auto open = std::chrono::steady_clock::now() - started_;
    record_.duration = std::chrono::duration_cast<std::chrono::microseconds>(open);
    const tunnel_end why = why_.value_or(tunnel_end::shutdown);
    record_end(record_, why, close_code_, up_.scanner, down_.scanner);
    options_.counts.route.closed(why, std::chrono::round<std::chrono::seconds>(record_.duration));
    if (span_ != nullptr) {
        owner_.traces().finish(*span_, record_, open);
    }
    if (owner_.log().wants(record_.told())) {
        owner_.log().write(std::move(record_));
    }
    owner_.remove(*this);
}

} // namespace bearward::proxy
