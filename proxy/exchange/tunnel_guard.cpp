// How long a WebSocket may stay open: deadlines, and what becomes of it when its token is revoked or renewed, or when new rules
// are in force.
#include "proxy/exchange/tunnel.hpp"
#include "proxy/worker_context.hpp"

#include <algorithm>
#include <utility>

namespace bearward::proxy {
namespace {

/// The wheel's deadlines are re-armed for later expiries.
constexpr std::chrono::milliseconds longest_wait = std::chrono::hours{24};

} // namespace

std::chrono::milliseconds tunnel::until_limit() const {
    std::chrono::milliseconds left = longest_wait;
    if (options_.expires) {
        left = std::min(left, *options_.expires - std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    }
    if (options_.max_lifetime.count() != 0) {
        left = std::min(left,
                        std::chrono::ceil<std::chrono::milliseconds>(started_ + options_.max_lifetime - std::chrono::steady_clock::now()));
    }
    return std::max(left, std::chrono::milliseconds{1});
}

void tunnel::arm_limit() {
    if (options_.expires || options_.max_lifetime.count() != 0) {
        limit_.arm(until_limit());
    }
}

void tunnel::on_deadline() {
    if (stalled_.expired()) {
        ended_by(tunnel_end::write_timeout);
    }
    if (stalled_.expired() || (close_code_ != 0 && limit_.expired()) || up_.finished || down_.finished) {
        end();
        return;
    }
    if (limit_.expired()) {
        if (until_limit() > std::chrono::milliseconds{1}) {
            arm_limit();
        } else if (options_.expires && *options_.expires <= std::chrono::system_clock::now()) {
            close(options_.expiry_code, "Token has expired", tunnel_end::token_expired);
        } else {
            close(policies::close_code::going_away, "", tunnel_end::max_lifetime);
        }
        return;
    }
    if (idle_.expired()) {
        const auto quiet = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - last_activity_);
        if (quiet < options_.idle_timeout) {
            idle_.arm(options_.idle_timeout - quiet);
        } else {
            close(policies::close_code::going_away, "", tunnel_end::idle_timeout);
        }
    }
}

void tunnel::on_revoked(const policies::refusal& why) {
    if (close_code_ == 0 && record_.cause.empty()) {
        record_.cause = why.cause;
    }
    close(options_.revoked_code, "Token has been revoked", tunnel_end::token_revoked);
}

void tunnel::on_new_rules() {
    if (handshake_ == nullptr || !handshake_->rechecks() || close_code_ != 0) {
        return;
    }
    if (auto denied = handshake_->find_denial(owner_, by().tokens, up_.from->session())) {
        record_.cause = std::move(denied->cause);
        close(handshake_->close_code_for(denied->why), "Not enough permissions", tunnel_end::recheck);
    }
}

renewal_outcome tunnel::renew(const renewal_order& with) {
    if (handshake_ == nullptr || close_code_ != 0 || up_.finished || down_.finished || !handshake_->came_to(with.listener, with.host)) {
        return {};
    }
    kept_handshake::fresh_standing made = handshake_->judge_with(owner_, by(), with.token, up_.from->session());
    if (made.outcome.what == renewal_outcome::kind::renewed) {
        options_.expires = made.expires;
        made.by.until = made.expires;
        if (options_.max_lifetime.count() != 0) {
            const auto last = by().since + options_.max_lifetime;
            made.by.until = std::min(made.by.until.value_or(last), last);
        }
        set_standing(std::move(made.by));
        limit_.disarm();
        arm_limit();
    }
    return std::move(made.outcome);
}

} // namespace bearward::proxy
