// The coroutine that an actor is: it reads like the conversation that it has, and what it
// awaits is virtual time or its peer. Destroying it ends it wherever it waits.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace bearward::simulation {

template <class Result = void>
class [[nodiscard]] task;

namespace detail {

struct promise_base {
    std::coroutine_handle<> continuation = std::noop_coroutine();

    struct final_awaiter {
        bool await_ready() noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) noexcept {
            return ended.promise().continuation;
        }
        void await_resume() noexcept {}
    };

    std::suspend_always initial_suspend() noexcept { return {}; }
    final_awaiter final_suspend() noexcept { return {}; }
    void unhandled_exception() noexcept { std::terminate(); }
};

template <class Result>
struct promise : promise_base {
    std::optional<Result> result;
    task<Result> get_return_object() noexcept;
    void return_value(Result value) { result = std::move(value); }
};

template <>
struct promise<void> : promise_base {
    task<void> get_return_object() noexcept;
    void return_void() noexcept {}
};

} // namespace detail

/// Starts when it is awaited, or by start().
template <class Result>
class [[nodiscard]] task {
public:
    using promise_type = detail::promise<Result>;
    using handle = std::coroutine_handle<promise_type>;

    explicit task(handle frame) noexcept : frame_(frame) {}
    task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    task& operator=(task&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    ~task() {
        if (frame_) {
            frame_.destroy();
        }
    }

    void start() { frame_.resume(); }
    [[nodiscard]] bool done() const noexcept { return frame_.done(); }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
        frame_.promise().continuation = awaiting;
        return frame_;
    }
    Result await_resume() {
        if constexpr (!std::is_void_v<Result>) {
            return std::move(*frame_.promise().result);
        }
    }

private:
    handle frame_;
};

template <class Result>
task<Result> detail::promise<Result>::get_return_object() noexcept {
    return task<Result>(std::coroutine_handle<promise>::from_promise(*this));
}

inline task<void> detail::promise<void>::get_return_object() noexcept {
    return task<void>(std::coroutine_handle<promise>::from_promise(*this));
}

} // namespace bearward::simulation
