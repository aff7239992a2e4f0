using Signet.Infrastructure.Data;

namespace Signet.Tests.Infrastructure.Data;

/// <summary>What a node still knows while the database is away.</summary>
public sealed class LastKnownTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_with_what_is_known_while_a_read_hangs_and_reads_once_for_all()
    {
        var (reads, hanging) = (0, new TaskCompletionSource<string>());
        using var known = new LastKnown<string>(_ => ++reads == 1 ? Task.FromResult("old") : hanging.Task, TimeSpan.Zero, _ => { });
        await known.Get(Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => known.Get(Ct).AsTask()));

        answers.ShouldAllBe(answer => answer == "old");
        reads.ShouldBe(2);
        hanging.SetResult("new");
    }

    [Fact]
    public async Task Goes_on_with_what_is_known_when_a_read_fails_even_after_a_change()
    {
        var (isAway, failures) = (false, 0);
        using var known = new LastKnown<string>(_ => isAway ? throw new TimeoutException() : Task.FromResult("old"), TimeSpan.FromHours(1), _ => failures++);
        await known.Get(Ct);
        isAway = true;

        known.Overrule();

        (await known.Get(Ct), failures).ShouldBe(("old", 1));
    }

    [Fact]
    public async Task Reads_again_after_a_change_however_fresh_it_was()
    {
        var value = "old";
        using var known = new LastKnown<string>(_ => Task.FromResult(value), TimeSpan.FromHours(1), _ => { });
        await known.Get(Ct);
        value = "new";
        (await known.Get(Ct)).ShouldBe("old");

        known.Overrule();

        (await known.Get(Ct)).ShouldBe("new");
    }

    [Fact]
    public async Task Reads_again_after_a_change_that_came_while_it_was_reading()
    {
        var (reads, slow) = (0, new TaskCompletionSource<string>());
        using var known = new LastKnown<string>(_ => ++reads == 2 ? slow.Task : Task.FromResult($"{reads}"), TimeSpan.FromHours(1), _ => { });
        await known.Get(Ct);
        known.Overrule();
        var early = known.Get(Ct).AsTask();

        known.Overrule();
        slow.SetResult("before the change");

        await early;
        (await known.Get(Ct)).ShouldBe("3");
        (await known.Get(Ct), reads).ShouldBe(("3", 3));
    }

    [Fact]
    public async Task Fails_while_nothing_is_known_yet()
    {
        using var known = new LastKnown<string>(_ => throw new TimeoutException(), TimeSpan.FromHours(1), _ => { });

        await Should.ThrowAsync<TimeoutException>(() => known.Get(Ct).AsTask());
    }
}
