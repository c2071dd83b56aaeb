#include "proxy/http/body_pump.hpp"

#include "policies/invariant.hpp"
#include "proxy/http/trailers.hpp"

namespace bearward::proxy::http {

void body_pump::begin(const plan& how) noexcept {
    policies::invariant(pipe_ == nullptr, "a message begins without the pipe of another");
    pipes_ = how.pipes;
    loop_ = how.loop;
    pass_trailers_ = how.pass_trailers;
    has_events_ = how.has_events;
    ending_ = cut_ = false;
    events_ = {};
    asked_at_ = 0;
    ended_ = false;
}

void body_pump::start(stream* source, read_buffer& buffer, stream& sink, std::string_view head_text, const plan& how) {
    begin(how);
    reader_.start(source, buffer, how.in);
    writer_.start(sink, head_text, {.chunk = how.out.chunk && how.in.framing != body_framing::none, .last = how.out.last});
    end_message();
}

void body_pump::start_dropping(stream& source, read_buffer& buffer, const body_reader::plan& how, std::uint64_t at_most) {
    begin({});
    reader_.start(&source, buffer, how);
    drop_rest(at_most);
}

void body_pump::drop_rest(std::uint64_t at_most) noexcept {
    return_pipe();
    pipes_ = nullptr;
    writer_.discard();
    reader_.lift_limit();
    reader_.release();
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    drop_limit_ = at_most > most - reader_.bytes() ? most : reader_.bytes() + at_most;
    reader_.finish_if_none_left(); // its end may have been in the pipe
}

void body_pump::end_message() {
    if (!reader_.done() || ended_) {
        return;
    }
    ended_ = true;
    trailers_.clear();
    if (pass_trailers_ && !reader_.trailers().empty()) {
        make_downstream_trailers(reader_.trailers(), trailers_);
    }
    writer_.add_end(trailers_);
}

bool body_pump::gather() {
    if (ending_ && !ended_ && events_.at_boundary()) {
        cut();
    }
    while (!reader_.done() && !cut_ && writer_.has_room()) {
        const auto data = reader_.next();
        if (data.empty()) {
            if (reader_.failure() != body_status::again) {
                return false;
            }
            break;
        }
        add_piece(data);
    }
    end_message();
    return true;
}

void body_pump::add_piece(std::string_view data) {
    if (!ending_) {
        if (has_events_) {
            events_.scan(data);
        }
        writer_.add_data(data);
        return;
    }
    const auto end = events_.scan_to_boundary(data);
    writer_.add_data(data.substr(0, end.value_or(data.size())));
    if (end) {
        cut();
    }
}

void body_pump::cut() {
    cut_ = ended_ = true;
    writer_.add_end({});
}

bool body_pump::end_at_event() noexcept {
    ending_ = has_events_ && writer_.sink() != nullptr && !writer_.is_raw();
    return ending_;
}

body_status body_pump::write_pending() {
    const auto result = writer_.flush();
    return writer_.sink() == nullptr && reader_.bytes() > drop_limit_ ? body_status::body_too_large : result;
}

body_status body_pump::read_more() {
    const auto result = reader_.read_more();
    end_message();
    return result;
}

bool body_pump::has_had_its_share() noexcept {
    if (loop_ == nullptr || reader_.bytes() - asked_at_ < body_reader::read_size) {
        return false;
    }
    asked_at_ = reader_.bytes();
    return loop_->turn_is_spent();
}

body_status body_pump::pump() {
    for (int turn = 0; turn < turn_length; ++turn) {
        if (!gather()) {
            return reader_.failure();
        }
        if (const auto result = write_pending(); result != body_status::again) {
            return result;
        }
        reader_.release();
        if (reader_.done() || cut_) {
            return body_status::finished;
        }
        if (has_had_its_share()) {
            return body_status::again;
        }
        if (reader_.is_drained()) {
            if (const auto result = may_splice() ? splice_more() : read_more(); result != body_status::again) {
                return result;
            }
        }
    }
    return body_status::again;
}

} // namespace bearward::proxy::http
