// How many CPUs this process may use: `threads: auto`.
#pragma once

namespace bearward::proxy {

/// The smaller of the CPU affinity's count and the cgroup's quota (v2 cpu.max or
/// v1 cfs_quota_us, rounded up), 1 to 256.
[[nodiscard]] unsigned usable_cpus();

} // namespace bearward::proxy
