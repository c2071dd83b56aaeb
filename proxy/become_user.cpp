#include "proxy/become_user.hpp"

#include "proxy/telemetry/log_output.hpp"

#include <cerrno>
#include <grp.h>
#include <pwd.h>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace bearward::proxy {
namespace {

struct account {
    uid_t user = 0;
    gid_t group = 0;
};

account find_account(const std::string& name) {
    std::vector<char> memory(std::size_t{16} * 1024);
    passwd entry{};
    passwd* found = nullptr;
    const int failed = ::getpwnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found);
    if (found == nullptr) {
        throw std::runtime_error("user: " + (failed != 0 ? std::generic_category().message(failed) : "there is no user " + name));
    }
    return {found->pw_uid, found->pw_gid};
}

[[noreturn]] void fail(const std::string& name, const std::string& step) {
    throw std::runtime_error("can't become user " + name + ": " + step + ": " + std::generic_category().message(errno));
}

} // namespace

std::optional<std::string> become_user(const std::string& name, const std::string& log_file) {
    const account to = find_account(name);
    if (::geteuid() != 0) {
        if (::geteuid() == to.user) {
            return std::nullopt;
        }
        return "user: only root can become " + name + "; going on as the user that started this";
    }
    if (const auto why = log_output::open(log_file)->give_to(to.user, to.group)) {
        throw std::runtime_error("can't become user " + name + ": giving it " + log_file + ": " + *why);
    }
    if (::initgroups(name.c_str(), to.group) != 0) {
        fail(name, "initgroups");
    }
    if (::setresgid(to.group, to.group, to.group) != 0) {
        fail(name, "setresgid");
    }
    if (::setresuid(to.user, to.user, to.user) != 0) {
        fail(name, "setresuid");
    }
    if (to.user != 0 && ::setuid(0) == 0) {
        throw std::runtime_error("can't become user " + name + ": root could be had again");
    }
    return std::nullopt;
}

} // namespace bearward::proxy
