// The open WebSockets whose token can be renewed, by who opened them and the ID that the client gave
// them: across the workers, since a renewal may come to another one.
#pragma once

#include "policies/tokens/verified_token.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bearward::proxy {

/// A fresh token for an open socket, and where it was presented.
struct renewal_order {
    policies::tokens::verified_token_ptr token;
    std::string listener; ///< its name
    std::string host;     ///< lower-case, without port
};

/// What became of it.
struct renewal_outcome {
    enum class kind : std::uint8_t {
        unknown, ///< there is no such socket
        denied,  ///< its route would not let the token in: `refused`
        renewed,
    };
    kind what = kind::unknown;
    std::string route{}; ///< of the socket; empty: unknown
    struct {
        policies::reason why = policies::reason::ok;
        std::string cause{};
        std::string scope{}; ///< missing ones
    } refused{};
};

/// A socket of one worker's thread.
class renewable {
public:
    [[nodiscard]] virtual renewal_outcome renew(const renewal_order& with) = 0;

protected:
    ~renewable() = default;
};

/// Those of one worker's thread, by their numbers.
using renewable_sockets = std::unordered_map<std::uint64_t, renewable*>;

/// Thread-safe. Outlives its slots.
class socket_registry {
public:
    struct name {
        std::string provider;
        std::string user; ///< not empty
        std::string tenant;
        std::string id;

        friend auto operator<=>(const name&, const name&) = default;
    };
    struct place {
        std::size_t worker = 0;
        std::uint64_t number = 0; ///< among all sockets that ever were here
    };

    /// A name that is taken, while it lives.
    class slot {
    public:
        slot() = default;
        slot(slot&& other) noexcept : in_(std::exchange(other.in_, nullptr)), entry_(other.entry_) {}
        slot& operator=(slot&& other) noexcept {
            std::swap(in_, other.in_);
            std::swap(entry_, other.entry_);
            return *this;
        }
        ~slot() {
            if (in_ != nullptr) {
                in_->give_back(entry_);
            }
        }
        [[nodiscard]] bool taken() const noexcept { return in_ != nullptr; }
        /// Of one that is taken.
        [[nodiscard]] std::uint64_t number() const noexcept { return entry_->second.number; }

    private:
        friend class socket_registry;
        using entry = std::map<name, place>::iterator;
        slot(socket_registry& in, entry taken) noexcept : in_(&in), entry_(taken) {}

        socket_registry* in_ = nullptr;
        entry entry_{};
    };

    /// A worker's thread can be asked. Before take() of it.
    void add_worker(std::size_t worker, std::function<void(std::function<void(renewable_sockets&)>)> post);

    /// Nothing: a socket of this name is open.
    [[nodiscard]] std::optional<slot> take(name whose, std::size_t worker);
    /// Those of any tenant.
    [[nodiscard]] std::vector<place> find(std::string_view provider, std::string_view user, std::string_view id) const;
    /// Has the socket's thread renew it; `done` is called there.
    void renew(const place& where, renewal_order with, std::function<void(renewal_outcome)> done);

private:
    void give_back(slot::entry taken) noexcept;

    mutable std::mutex mutex_; ///< guards what follows
    std::map<name, place> open_;
    std::uint64_t next_ = 1;
    std::vector<std::function<void(std::function<void(renewable_sockets&)>)>> workers_;
};

} // namespace bearward::proxy
