// The calls by which a worker touches the world, defined here for the whole executable: a
// thread that has a simulated kernel gets its answers, everybody else the C library's. A new
// call is one function: look the descriptor up, answer, and fail now and then as the real
// one may.
#include "tests/simulation/kernel.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <memory>
#include <random>

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

using namespace bearward::simulation;

namespace {

/// The C library's function of that name, for descriptors that are the process's own.
#define REAL(name) reinterpret_cast<decltype(&::name)>(dlsym(RTLD_NEXT, #name))

int fail(int error) noexcept {
    errno = error;
    return -1;
}

/// Null: the call is not for the simulated kernel.
kernel* kernel_of(int descriptor) noexcept {
    if (simulated == nullptr || !kernel::owns(descriptor)) {
        return nullptr;
    }
    simulated->enter();
    return simulated;
}

kernel* any_kernel() noexcept {
    if (simulated != nullptr) {
        simulated->enter();
    }
    return simulated;
}

template <class Kind>
Kind* find(kernel& of, int descriptor) {
    auto* const found = dynamic_cast<Kind*>(of.find(descriptor));
    if (found == nullptr) {
        of.fault(of.find(descriptor) == nullptr ? "a call for a descriptor that is not open" : "a call for another kind of descriptor");
    }
    return found;
}

bool interrupted(kernel& of) {
    return of.random.percent(of.conduct.interrupted);
}

bool out_of_resources(kernel& of) {
    return of.random.percent(of.conduct.out_of_resources);
}

ssize_t receive(kernel& of, int descriptor, void* into, std::size_t most, int flags) {
    auto* const from = find<socket_file>(of, descriptor);
    if (from == nullptr || !from->line) {
        return fail(ENOTCONN);
    }
    if ((flags & MSG_DONTWAIT) == 0 && interrupted(of)) {
        of.trace_call("recv interrupted", *from, -1);
        return fail(EINTR);
    }
    const auto got = from->line->receive(static_cast<char*>(into), most, (flags & MSG_PEEK) != 0);
    of.mark(from->serial * 31 + static_cast<std::uint64_t>(got));
    of.trace_call("recv", *from, got);
    return got;
}

ssize_t transmit(kernel& of, int descriptor, std::string_view bytes) {
    auto* const to = find<socket_file>(of, descriptor);
    if (to == nullptr || !to->line) {
        return fail(ENOTCONN);
    }
    if (interrupted(of)) {
        of.trace_call("send interrupted", *to, -1);
        return fail(EINTR);
    }
    const auto sent = to->line->send(bytes);
    of.mark(to->serial * 37 + static_cast<std::uint64_t>(sent));
    of.trace_call("send", *to, sent);
    return sent;
}

ssize_t splice_in(kernel& of, socket_file& from, pipe_file& to, std::size_t most) {
    auto& pipe = *to.shared;
    const std::size_t room = std::min(most, pipe.capacity - pipe.bytes.size());
    if (room == 0) {
        return fail(EAGAIN);
    }
    std::string bytes(room, '\0');
    const auto got = from.line->receive(bytes.data(), bytes.size(), false);
    of.mark(from.serial * 41 + static_cast<std::uint64_t>(got));
    of.trace_call("splice in", from, got);
    if (got > 0) {
        pipe.bytes.append(bytes, 0, static_cast<std::size_t>(got));
    }
    return got;
}

ssize_t splice_out(kernel& of, pipe_file& from, socket_file& to, std::size_t most) {
    auto& pipe = *from.shared;
    if (pipe.bytes.empty()) {
        return fail(EAGAIN);
    }
    const auto sent = to.line->send(std::string_view(pipe.bytes).substr(0, most));
    of.mark(to.serial * 43 + static_cast<std::uint64_t>(sent));
    of.trace_call("splice out", to, sent);
    if (sent > 0) {
        pipe.bytes.erase(0, static_cast<std::size_t>(sent));
    }
    return sent;
}

void begin_connecting(kernel& of, const connection_ptr& line, int error) {
    line->begin_connecting();
    of.time.after(nanoseconds(of.random.below(3'000'000)), [line, error] { line->establish(error); });
}

} // namespace

extern "C" {

ssize_t recv(int descriptor, void* into, size_t most, int flags) {
    if (kernel* const of = kernel_of(descriptor)) {
        return receive(*of, descriptor, into, most, flags);
    }
    return REAL(recv)(descriptor, into, most, flags);
}

ssize_t send(int descriptor, const void* from, size_t size, int flags) {
    if (kernel* const of = kernel_of(descriptor)) {
        return transmit(*of, descriptor, {static_cast<const char*>(from), size});
    }
    return REAL(send)(descriptor, from, size, flags);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
    if (kernel* const of = kernel_of(descriptor)) {
        std::string all;
        for (std::size_t index = 0; index < message->msg_iovlen; ++index) {
            all.append(static_cast<const char*>(message->msg_iov[index].iov_base), message->msg_iov[index].iov_len);
        }
        return transmit(*of, descriptor, all);
    }
    return REAL(sendmsg)(descriptor, message, flags);
}

ssize_t splice(int from, off64_t* from_offset, int to, off64_t* to_offset, size_t most, unsigned flags) {
    if (kernel* const of = kernel_of(from)) {
        if (interrupted(*of)) {
            return fail(EINTR);
        }
        if (auto* const socket = dynamic_cast<socket_file*>(of->find(from))) {
            auto* const pipe = find<pipe_file>(*of, to);
            return pipe == nullptr ? fail(EBADF) : splice_in(*of, *socket, *pipe, most);
        }
        auto* const pipe = find<pipe_file>(*of, from);
        auto* const socket = find<socket_file>(*of, to);
        return pipe == nullptr || socket == nullptr ? fail(EBADF) : splice_out(*of, *pipe, *socket, most);
    }
    return REAL(splice)(from, from_offset, to, to_offset, most, flags);
}

int pipe2(int ends[2], int flags) noexcept {
    if (kernel* const of = any_kernel()) {
        if (out_of_resources(*of)) {
            return fail(EMFILE);
        }
        const auto shared = std::make_shared<pipe_file::content>();
        shared->capacity = 1 + of->random.below(64 * 1024);
        for (int end = 0; end < 2; ++end) {
            auto made = std::make_unique<pipe_file>();
            made->shared = shared;
            ends[end] = of->add(std::move(made));
        }
        return 0;
    }
    return REAL(pipe2)(ends, flags);
}

int fcntl(int descriptor, int command, ...) {
    if (kernel* const of = kernel_of(descriptor)) {
        return command == F_SETPIPE_SZ && of->random.percent(50) ? 0 : fail(EPERM);
    }
    va_list arguments;
    va_start(arguments, command);
    void* const argument = va_arg(arguments, void*);
    va_end(arguments);
    return REAL(fcntl)(descriptor, command, argument);
}

int ioctl(int descriptor, unsigned long request, ...) noexcept {
    va_list arguments;
    va_start(arguments, request);
    void* const argument = va_arg(arguments, void*);
    va_end(arguments);
    if (kernel* const of = kernel_of(descriptor)) {
        auto* const peer = find<socket_file>(*of, descriptor);
        if (peer == nullptr || request != SIOCOUTQ) {
            return fail(EINVAL);
        }
        *static_cast<int*>(argument) = static_cast<int>(peer->line->unsent());
        return 0;
    }
    return REAL(ioctl)(descriptor, request, argument);
}

int epoll_create1(int flags) noexcept {
    if (kernel* const of = any_kernel()) {
        return of->add(std::make_unique<epoll_file>());
    }
    return REAL(epoll_create1)(flags);
}

int epoll_ctl(int set, int operation, int descriptor, epoll_event* event) noexcept {
    if (kernel* const of = kernel_of(set)) {
        open_file* const file = of->find(descriptor);
        if (file == nullptr) {
            of->fault("epoll_ctl for a descriptor that is not open");
            return fail(EBADF);
        }
        if (operation == EPOLL_CTL_DEL) {
            file->joined = false;
            return 0;
        }
        if (operation == EPOLL_CTL_ADD && dynamic_cast<socket_file*>(file) != nullptr && out_of_resources(*of)) {
            return fail(ENOMEM);
        }
        file->joined = true;
        file->wanted = *event;
        of->queue(*file, file->level() | EPOLLERR);
        return 0;
    }
    return REAL(epoll_ctl)(set, operation, descriptor, event);
}

int epoll_wait(int set, epoll_event* into, int most, int timeout) {
    if (kernel* const of = kernel_of(set)) {
        return of->wait(into, most, timeout);
    }
    return REAL(epoll_wait)(set, into, most, timeout);
}

int eventfd(unsigned value, int flags) noexcept {
    if (kernel* const of = any_kernel()) {
        return of->add(std::make_unique<event_file>());
    }
    return REAL(eventfd)(value, flags);
}

int eventfd_write(int descriptor, eventfd_t value) {
    // Not a call of the worker's alone: other threads' posts come this way, at any moment.
    if (simulated != nullptr && kernel::owns(descriptor)) {
        auto* const file = find<event_file>(*simulated, descriptor);
        if (file == nullptr) {
            return fail(EBADF);
        }
        file->written = true;
        simulated->queue(*file, EPOLLIN);
        return 0;
    }
    return REAL(eventfd_write)(descriptor, value);
}

int timerfd_create(clockid_t clock, int flags) noexcept {
    if (kernel* const of = any_kernel()) {
        return of->add(std::make_unique<timer_file>());
    }
    return REAL(timerfd_create)(clock, flags);
}

int timerfd_settime(int descriptor, int flags, const itimerspec* wanted, itimerspec* before) noexcept {
    if (kernel* const of = kernel_of(descriptor)) {
        auto* const timer = find<timer_file>(*of, descriptor);
        if (timer == nullptr || flags != TFD_TIMER_ABSTIME) {
            if (timer != nullptr && wanted->it_value.tv_sec == 0 && wanted->it_value.tv_nsec == 0) {
                ++timer->setting;
                return 0;
            }
            return fail(EINVAL);
        }
        timer->fired = false;
        const auto due = std::chrono::seconds(wanted->it_value.tv_sec) + nanoseconds(wanted->it_value.tv_nsec);
        const auto late = nanoseconds(of->random.below(of->conduct.slow != 0 && of->random.percent(5) ? 50'000'000 : 100'000));
        of->time.at(due + late, [of, descriptor, serial = timer->serial, setting = ++timer->setting] {
            auto* const armed = dynamic_cast<timer_file*>(of->find(descriptor));
            if (armed != nullptr && armed->serial == serial && armed->setting == setting) {
                armed->fired = true;
                of->queue(*armed, EPOLLIN);
            }
        });
        return 0;
    }
    return REAL(timerfd_settime)(descriptor, flags, wanted, before);
}

int accept4(int descriptor, sockaddr* from, socklen_t* size, int flags) {
    if (kernel* const of = kernel_of(descriptor)) {
        auto* const door = find<listening_file>(*of, descriptor);
        if (door == nullptr) {
            return fail(EBADF);
        }
        if (out_of_resources(*of)) {
            return fail(of->random.percent(50) ? EMFILE : ENOBUFS); // before it looks whether somebody waits
        }
        if (interrupted(*of)) {
            return fail(EINTR);
        }
        if (door->waiting.empty()) {
            return fail(EAGAIN);
        }
        const auto next = std::move(door->waiting.front());
        door->waiting.pop_front();
        if (of->random.percent(of->conduct.lost_arrivals)) {
            next.line->close(true);
            return fail(ECONNABORTED);
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(40'000);
        std::memcpy(&address.sin_addr, next.address.data(), std::min(next.address.size(), sizeof address.sin_addr));
        std::memcpy(from, &address, sizeof address);
        *size = sizeof address;
        auto made = std::make_unique<socket_file>();
        made->line = next.line;
        socket_file& file = *made;
        next.line->wake = [of, &file](std::uint32_t events) { of->queue(file, events); };
        of->trace_call("accept", file, 0);
        return of->add(std::move(made));
    }
    return REAL(accept4)(descriptor, from, size, flags);
}

int socket(int domain, int type, int protocol) noexcept {
    if (kernel* const of = any_kernel()) {
        return out_of_resources(*of) ? fail(EMFILE) : of->add(std::make_unique<socket_file>());
    }
    return REAL(socket)(domain, type, protocol);
}

int connect(int descriptor, const sockaddr* to, socklen_t size) {
    if (kernel* const of = kernel_of(descriptor)) {
        auto* const file = find<socket_file>(*of, descriptor);
        const auto found = of->servers.find(ntohs(static_cast<const sockaddr_in*>(static_cast<const void*>(to))->sin_port));
        if (file == nullptr || found == of->servers.end()) {
            return fail(ECONNREFUSED);
        }
        const auto& server = found->second;
        file->line = std::make_shared<connection>(of->time, of->random.fork(of->random.next()), server.network);
        file->line->wake = [of, file](std::uint32_t events) { of->queue(*file, events); };
        if (of->random.percent(server.hanging)) {
            file->line->begin_connecting();
            return fail(EINPROGRESS);
        }
        const int error = server.accept(file->line);
        of->trace_call("connect", *file, error);
        if (of->random.percent(40)) { // at once
            return error == 0 ? 0 : fail(error);
        }
        begin_connecting(*of, file->line, error);
        return fail(EINPROGRESS);
    }
    return REAL(connect)(descriptor, to, size);
}

int getsockopt(int descriptor, int level, int option, void* value, socklen_t* size) noexcept {
    if (kernel* const of = kernel_of(descriptor)) {
        auto* const peer = find<socket_file>(*of, descriptor);
        if (peer == nullptr || level != SOL_SOCKET || option != SO_ERROR) {
            return fail(ENOPROTOOPT);
        }
        *static_cast<int*>(value) = peer->line ? peer->line->take_error() : 0;
        return 0;
    }
    return REAL(getsockopt)(descriptor, level, option, value, size);
}

int setsockopt(int descriptor, int level, int option, const void* value, socklen_t size) noexcept {
    if (kernel* const of = kernel_of(descriptor)) {
        auto* const peer = find<socket_file>(*of, descriptor);
        if (peer != nullptr && level == SOL_SOCKET && option == SO_LINGER) {
            const auto& wanted = *static_cast<const linger*>(value);
            peer->reset_on_close = wanted.l_onoff != 0 && wanted.l_linger == 0;
        }
        return 0;
    }
    return REAL(setsockopt)(descriptor, level, option, value, size);
}

int shutdown(int descriptor, int how) noexcept {
    if (kernel* const of = kernel_of(descriptor)) {
        auto* const peer = find<socket_file>(*of, descriptor);
        return peer == nullptr || !peer->line ? fail(ENOTCONN) : peer->line->shut_down();
    }
    return REAL(shutdown)(descriptor, how);
}

int close(int descriptor) {
    if (simulated != nullptr && kernel::owns(descriptor)) {
        simulated->mark(static_cast<std::uint64_t>(descriptor) * 47);
        return simulated->close(descriptor) ? 0 : fail(EBADF);
    }
    return static_cast<int>(syscall(SYS_close, descriptor));
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
    if (simulated != nullptr && clock != CLOCK_THREAD_CPUTIME_ID && clock != CLOCK_PROCESS_CPUTIME_ID) {
        const auto since = simulated->time.now().count();
        const auto epoch = clock == CLOCK_REALTIME ? kernel::started_at : 0;
        now->tv_sec = static_cast<time_t>(epoch) + since / 1'000'000'000;
        now->tv_nsec = since % 1'000'000'000;
        return 0;
    }
    return static_cast<int>(syscall(SYS_clock_gettime, clock, now));
}

time_t time(time_t* into) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (into != nullptr) {
        *into = now.tv_sec;
    }
    return now.tv_sec;
}

int gettimeofday(timeval* into, void*) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    *into = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}
}

// What libstdc++ asks the processor or /dev/urandom for.
unsigned int std::random_device::_M_getval() {
    if (simulated != nullptr) {
        return static_cast<unsigned>(simulated->random.next());
    }
    unsigned value = 0;
    (void)getentropy(&value, sizeof value);
    return value;
}
