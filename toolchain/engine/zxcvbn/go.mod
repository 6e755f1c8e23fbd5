module sallyport.invalid/toolchain/zxcvbn

go 1.26
