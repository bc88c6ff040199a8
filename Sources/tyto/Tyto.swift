import ArgumentParser

@main
struct Tyto: ParsableCommand {}
