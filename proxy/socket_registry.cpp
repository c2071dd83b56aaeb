#include "proxy/socket_registry.hpp"

namespace bearward::proxy {

void socket_registry::add_worker(std::size_t worker, std::function<void(std::function<void(renewable_sockets&)>)> post) {
    const std::lock_guard lock(mutex_);
    if (workers_.size() <= worker) {
        workers_.resize(worker + 1);
    }
    workers_[worker] = std::move(post);
}

std::optional<socket_registry::slot> socket_registry::take(name whose, std::size_t worker) {
    const std::lock_guard lock(mutex_);
    const auto [entry, fresh] = open_.try_emplace(std::move(whose), place{worker, next_});
    if (!fresh) {
        return std::nullopt;
    }
    ++next_;
    return slot(*this, entry);
}

void socket_registry::give_back(slot::entry taken) noexcept {
    const std::lock_guard lock(mutex_);
    open_.erase(taken);
}

std::vector<socket_registry::place> socket_registry::find(std::string_view provider, std::string_view user, std::string_view id) const {
    std::vector<place> found;
    const std::lock_guard lock(mutex_);
    for (auto each = open_.lower_bound({.provider = std::string(provider), .user = std::string(user)});
         each != open_.end() && each->first.provider == provider && each->first.user == user; ++each) {
        if (each->first.id == id) {
            found.push_back(each->second);
        }
    }
    return found;
}

void socket_registry::renew(const place& where, renewal_order with, std::function<void(renewal_outcome)> done) {
    std::unique_lock lock(mutex_);
    const auto post = workers_.at(where.worker);
    lock.unlock();
    post([number = where.number, with = std::move(with), done = std::move(done)](renewable_sockets& open) {
        const auto found = open.find(number);
        done(found == open.end() ? renewal_outcome{} : found->second->renew(with));
    });
}

} // namespace bearward::proxy
