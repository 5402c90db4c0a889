// Strips worked on by several threads, each strip's blocks behind those of the strip before it.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "mfe.hpp"

namespace bianque::rna {

class Wavefront {
  public:
    Wavefront(int strips, int threads)
        : strips_(strips), threads_(std::max(1, std::min(threads, strips))), steps_(new std::atomic<int>[strips + 1]) {
        for (int s = 0; s <= strips; ++s) steps_[s] = 0;
    }

    // Runs `work(thread)` in every thread, and tells `progress` ten times a second how many strips are finished.
    // What is thrown in one thread stops all, and is thrown again once they have ended.
    void run(const std::function<void(int)>& work, const Progress& progress) {
        if (threads_ == 1 && !progress) {
            work(0);
        } else {
            std::vector<std::thread> workers;
            guarded([&] {
                for (int t = 0; t < threads_; ++t) start(workers, [&, t] { guarded([&] { work(t); }); });
                report(progress);
            });
            for (std::thread& worker : workers) worker.join();
        }
        if (failure_) std::rethrow_exception(failure_);
        if (cancelled_) throw Cancelled();
    }

    int threads() const { return threads_; }
    bool stopped() const { return stopped_; }
    void stop() { stopped_ = true; }

    // Wait until the strip before has made so many steps; false where all stops.
    bool wait_for(int strip, int steps) const {
        while (strip > 0 && steps_[strip - 1].load(std::memory_order_acquire) < steps) {
            if (stopped_) return false;
            std::this_thread::yield();
        }
        return !stopped_;
    }
    void made(int strip, int steps) { steps_[strip].store(steps, std::memory_order_release); }

    // Wait until all strips before have finished; false where all stops.
    bool wait_for_finished(int strip) const {
        while (finished_strips_.load(std::memory_order_acquire) < strip) {
            if (stopped_) return false;
            std::this_thread::yield();
        }
        return true;
    }
    void finished(int strip) {
        finished_strips_.store(strip + 1, std::memory_order_release);
        if (strip + 1 == strips_) {
            const std::lock_guard lock(mutex_);
            finished_.notify_all();
        }
    }

  private:
    static void start(std::vector<std::thread>& workers, const std::function<void()>& task) {
        try {
            workers.emplace_back(task);
        } catch (const std::system_error& cause) {
            throw NoThread(cause.what());
        }
    }

    void guarded(const std::function<void()>& task) {
        try {
            task();
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
            stopped_ = true;
        }
    }

    void report(const Progress& progress) {
        std::unique_lock lock(mutex_);
        while (finished_strips_ < strips_ && !stopped_) {
            finished_.wait_for(lock, std::chrono::milliseconds(100));
            const double share = double(finished_strips_) / strips_;
            lock.unlock();
            if (progress && !progress(share)) cancelled_ = stopped_ = true;
            lock.lock();
        }
    }

    int strips_, threads_;
    std::unique_ptr<std::atomic<int>[]> steps_;
    std::atomic<int> finished_strips_{0};
    std::atomic<bool> stopped_{false}, cancelled_{false};
    std::exception_ptr failure_;
    std::mutex mutex_;
    std::condition_variable finished_;
};

}  // namespace bianque::rna
