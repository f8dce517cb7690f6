//! Shared memory with a name. What the system refuses comes back as a negative error number, for JavaScript to name.

use crate::bytes;
use crate::error::Result;
use manyhands_os::{Errno, named};
use napi::bindgen_prelude::{ArrayBuffer, Either, Env};
use napi_derive::napi;
use std::os::fd::IntoRawFd;

fn answer<T>(result: std::result::Result<T, Errno>, number: impl FnOnce(T) -> i32) -> i32 {
    result.map_or_else(|Errno(errno)| -errno, number)
}

#[napi]
pub fn shm_prepare(size: f64) -> i32 {
    answer(named::prepare(size as usize), IntoRawFd::into_raw_fd)
}

#[napi]
pub fn shm_publish(fd: i32, name: String) -> i32 {
    answer(named::publish(fd, &name), |()| 0)
}

#[napi]
pub fn shm_open(name: String) -> i32 {
    answer(named::open(&name), IntoRawFd::into_raw_fd)
}

#[napi]
pub fn shm_unlink(name: String) -> i32 {
    answer(named::unlink(&name), |()| 0)
}

#[napi(object)]
pub struct ShmStat {
    pub size: f64,
    pub inode: f64,
}

#[napi]
pub fn shm_stat(fd: i32) -> Either<ShmStat, i32> {
    match named::size_and_inode(fd) {
        Ok((size, inode)) => Either::A(ShmStat {
            size: size as f64,
            inode: inode as f64,
        }),
        Err(Errno(errno)) => Either::B(-errno),
    }
}

#[napi]
pub fn shm_map(env: Env, fd: i32, length: f64) -> Result<Either<bytes::Window, i32>> {
    match named::map(fd, length as usize) {
        Ok(mapping) => bytes::mapped(&env, mapping).map(Either::A),
        Err(Errno(errno)) => Ok(Either::B(-errno)),
    }
}

/// Takes its memory away from an ArrayBuffer: every view of it has length 0 from now on.
#[napi]
pub fn detach(buffer: ArrayBuffer) -> Result<()> {
    buffer
        .detach()
        .map_err(|error| crate::error::refused("ERR_SYSTEM", &error.reason))
}
