// What is open on the strength of a decision and outlives it: WebSockets, and answers that are still
// running. When something was revoked all of it is asked about again, some at a time.
#pragma once

#include "policies/clock.hpp"
#include "policies/identity.hpp"
#include "policies/outside.hpp"
#include "policies/presented_tokens.hpp"
#include "policies/snapshot.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy {

enum class guarded_kind : std::uint8_t { websocket, stream };

/// By what something is open.
struct standing {
    guarded_kind kind = guarded_kind::websocket;
    policies::presented_tokens tokens{};
    std::shared_ptr<const policies::identity> who{}; ///< null: nobody
    policies::time_point since{};
    std::optional<policies::time_point> until{}; ///< when it ends by itself; nothing: never
};

/// One of a guard_list. Leaves it when it is destroyed.
class guarded : public boost::intrusive::list_base_hook<boost::intrusive::tag<struct guarded_tag>,
                                                        boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    explicit guarded(standing by) noexcept : by_(std::move(by)) {}

    [[nodiscard]] const standing& by() const noexcept { return by_; }
    [[nodiscard]] virtual const std::string& route_name() const noexcept = 0;
    /// A token of it is revoked. May destroy it.
    virtual void on_revoked(const policies::refusal& why) = 0;
    /// New rules are in force. May destroy it.
    virtual void on_new_rules() {}
    /// The worker takes no more requests. May destroy it.
    virtual void on_drain() {}

protected:
    ~guarded() = default;
    void set_until(std::optional<policies::time_point> until) noexcept { by_.until = until; }
    void set_standing(standing by) noexcept { by_ = std::move(by); }

private:
    standing by_;
};

/// One line of /sockets.
struct guarded_facts {
    guarded_kind kind = guarded_kind::websocket;
    std::string provider; ///< empty: nobody's
    std::string user;
    std::string tenant;
    std::string route;
    policies::time_point since{};
    std::optional<policies::time_point> until{};
};

/// Of one worker's thread.
class guard_list {
public:
    void add(guarded& open) noexcept { asked_.push_back(open); }

    /// All are to be asked about again; with `new_rules` they hear of these.
    void begin_recheck(bool new_rules = false) noexcept;
    /// Asks about the next. False: about all by now.
    [[nodiscard]] bool recheck_next(const policies::snapshot& rules, const policies::outside& around);

    void begin_drain();

    /// Appends up to `most` of them, of the user alone where one is named; returns how many there are.
    [[nodiscard]] std::size_t describe(const std::optional<std::string>& user, std::size_t most, std::vector<guarded_facts>& out) const;

private:
    using list =
        boost::intrusive::list<guarded,
                               boost::intrusive::base_hook<boost::intrusive::list_base_hook<
                                   boost::intrusive::tag<guarded_tag>, boost::intrusive::link_mode<boost::intrusive::auto_unlink>>>,
                               boost::intrusive::constant_time_size<false>>;
    /// From those that are still to be asked: it may leave the list, and only it.
    guarded& take_next() noexcept;

    list to_ask_;
    list asked_;
    bool new_rules_ = false; ///< those that are still to be asked hear of them
};

} // namespace bearward::proxy
