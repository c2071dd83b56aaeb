#include "proxy/thread_count.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sched.h>
#include <string>
#include <thread>

namespace bearward::proxy {
namespace {

constexpr unsigned most = 256;

unsigned affinity() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0) {
        return static_cast<unsigned>(CPU_COUNT(&set));
    }
    return std::thread::hardware_concurrency();
}

/// CPUs of the cgroup's quota; `most` when there is none.
unsigned quota() {
    std::string allowed;
    double period = 0;
    if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> allowed >> period && allowed != "max" && period > 0) {
        return static_cast<unsigned>(std::ceil(std::stod(allowed) / period));
    }
    double limit = 0;
    std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    std::ifstream v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    if (v1_quota >> limit && v1_period >> period && limit > 0 && period > 0) {
        return static_cast<unsigned>(std::ceil(limit / period));
    }
    return most;
}

} // namespace

unsigned usable_cpus() {
    return std::clamp(std::min(affinity(), quota()), 1U, most);
}

} // namespace bearward::proxy
