#include "policies/tokens/revocation_store.hpp"

#include "policies/tokens/revocation_table.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies::tokens {

revocation_store::revocation_store(const key& random, std::size_t readers)
    : key_(random), readers_(readers), phases_(std::make_unique<reader_phase[]>(readers)) {}

revocation_store::~revocation_store() {
    for (shard& each : shards_) {
        delete each.current.load(std::memory_order_relaxed);
    }
}

std::size_t revocation_store::bytes() const {
    const std::lock_guard lock(writing_);
    std::size_t sum = sizeof *this;
    for (const shard& each : shards_) {
        const revocation_table* const in = each.current.load(std::memory_order_relaxed);
        sum += in == nullptr ? 0 : sizeof *in + in->room() * sizeof(revocation_slot) + in->room() / 8;
    }
    return sum;
}

bool revocation_store::set(const revocation_entry& entry, time_point until, std::size_t most) {
    return put(entry, to_seconds(until), write::set, most);
}

bool revocation_store::extend(const revocation_entry& entry, time_point until, std::size_t most) {
    return put(entry, to_seconds(until), write::extend, most);
}

bool revocation_store::take_read(const revocation_entry& entry, time_point until, std::size_t most) {
    return put(entry, to_seconds(until), write::read, most);
}

void revocation_store::take_back(const revocation_entry& entry) {
    put(entry, 0, write::set, no_limit);
}

bool revocation_store::put(const revocation_entry& entry, std::uint32_t until, write how, std::size_t most) {
    const std::lock_guard lock(writing_);
    free_retired();
    const revocation_identity what{.name = digest_of(entry.what.kind, entry.what.id, entry.issuer),
                                   .provider = number_of(entry.provider),
                                   .before = entry.before ? to_seconds(*entry.before) : of_all_tokens};
    shard& in = shards_[what.name.shard()];
    revocation_table* const now = in.current.load(std::memory_order_relaxed);
    revocation_slot* found = now == nullptr ? nullptr : now->find(what);
    if (found != nullptr && how == write::read && now->seen[now->place_of(*found)]) {
        return true;
    }
    const std::uint32_t had = found == nullptr ? 0 : found->until.load(std::memory_order_relaxed);
    const std::uint32_t wanted = how == write::extend ? std::max(until, had) : until;
    if (found == nullptr && wanted == 0 && !reading_) {
        return true;
    }
    if (had == 0 && wanted != 0 && size() >= most) {
        return false;
    }
    if (found == nullptr) {
        found = &make_room(in).add(what);
    }
    revocation_table& holds = *in.current.load(std::memory_order_relaxed);
    holds.seen[holds.place_of(*found)] = true;
    found->until.store(wanted, std::memory_order_relaxed);
    found->low.store(what.name.low, std::memory_order_release);
    if (had == 0 && wanted != 0) {
        count(in, number_in(what.name.high), 1);
    } else if (had != 0 && wanted == 0) {
        count(in, number_in(what.name.high), -1);
    }
    return true;
}

void revocation_store::count(shard& in, std::size_t number, int more) noexcept {
    const auto step = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(more)); // wraps, as the counts' own arithmetic does
    in.live += step;
    of_kind_[number].fetch_add(step, std::memory_order_relaxed);
    size_.fetch_add(step, std::memory_order_relaxed);
}

revocation_table& revocation_store::make_room(shard& in) {
    const revocation_table* const now = in.current.load(std::memory_order_relaxed);
    if (now == nullptr || is_full(now->used + 1, now->room())) {
        replace_table(in);
    }
    return *in.current.load(std::memory_order_relaxed);
}

void revocation_store::replace_table(shard& in) {
    revocation_table* const was = in.current.load(std::memory_order_relaxed);
    const auto stays = [&](std::size_t at) {
        const revocation_slot& each = was->slots[at];
        return each.until.load(std::memory_order_relaxed) != 0 ||
               (reading_ && was->seen[at] && each.low.load(std::memory_order_relaxed) != 0);
    };
    std::size_t kept = 0;
    for (std::size_t at = 0; was != nullptr && at < was->room(); ++at) {
        kept += stays(at) ? 1 : 0;
    }
    auto fresh = std::make_unique<revocation_table>(room_for_entries(kept));
    for (std::size_t at = 0; was != nullptr && at < was->room(); ++at) {
        if (stays(at)) {
            const revocation_slot& from = was->slots[at];
            const std::uint64_t low = from.low.load(std::memory_order_relaxed);
            revocation_slot& to = fresh->add({.name = {.low = low, .high = from.high}, .provider = from.provider, .before = from.before});
            to.until.store(from.until.load(std::memory_order_relaxed), std::memory_order_relaxed);
            to.low.store(low, std::memory_order_relaxed);
            fresh->seen[fresh->place_of(to)] = was->seen[at];
        }
    }
    in.current.store(fresh.release(), std::memory_order_seq_cst);
    retire(std::unique_ptr<revocation_table>(was));
}

/// Readers that look from now on find the table that is in its place.
void revocation_store::retire(std::unique_ptr<revocation_table> was) {
    retired_table entry{.was = std::move(was), .looking = {}};
    for (std::size_t reader = 0; entry.was != nullptr && reader < readers_; ++reader) {
        const std::uint64_t phase = phases_[reader].value.load(std::memory_order_seq_cst);
        if (phase % 2 != 0) {
            entry.looking.emplace_back(reader, phase);
        }
    }
    if (!entry.looking.empty()) {
        retired_.push_back(std::move(entry));
    }
}

void revocation_store::free_retired() {
    std::erase_if(retired_, [this](const retired_table& each) {
        return std::ranges::none_of(
            each.looking, [this](const auto& one) { return phases_[one.first].value.load(std::memory_order_acquire) == one.second; });
    });
}

/// Ends the entries that `gone` says of, and gives up the room of shards that are nearly empty.
template <class Gone>
std::size_t revocation_store::end_those(const Gone& gone) {
    std::size_t ended = 0;
    for (shard& in : shards_) {
        revocation_table* const now = in.current.load(std::memory_order_relaxed);
        for (std::size_t at = 0; now != nullptr && at < now->room(); ++at) {
            revocation_slot& each = now->slots[at];
            if (each.until.load(std::memory_order_relaxed) != 0 && gone(*now, at)) {
                each.until.store(0, std::memory_order_relaxed);
                count(in, number_in(each.high), -1);
                ++ended;
            }
        }
        if (now != nullptr && !reading_ && now->room() > least_room && in.live * 8 < now->room()) {
            replace_table(in);
        }
    }
    return ended;
}

void revocation_store::drop_expired(time_point now) {
    const std::lock_guard lock(writing_);
    free_retired();
    const std::uint32_t second = whole_seconds(now);
    end_those(
        [second](const revocation_table& in, std::size_t at) { return in.slots[at].until.load(std::memory_order_relaxed) <= second; });
}

void revocation_store::begin_reading() {
    const std::lock_guard lock(writing_);
    reading_ = true;
    for (const shard& each : shards_) {
        if (revocation_table* const in = each.current.load(std::memory_order_relaxed); in != nullptr) {
            in->seen.assign(in->room(), false);
        }
    }
}

std::size_t revocation_store::end_reading() {
    const std::lock_guard lock(writing_);
    free_retired();
    reading_ = false;
    return end_those([](const revocation_table& in, std::size_t at) { return !in.seen[at]; });
}

void revocation_store::abandon_reading() {
    const std::lock_guard lock(writing_);
    reading_ = false;
}

} // namespace bearward::policies::tokens
