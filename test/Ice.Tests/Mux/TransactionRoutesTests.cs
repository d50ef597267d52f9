using Stun;

namespace Ice.Tests;

internal sealed class TransactionRoutesTests
{
    [Test]
    public void The_last_so_many_requests_are_known_and_no_others_also_when_the_bound_rises()
    {
        TransactionRoutes<string> routes = new() { Capacity = 100 };
        List<TransactionId> ids = [];
        for (int i = 0; i < 1000; i++)
        {
            if (i == 500)
                routes.Capacity = 177;
            ids.Add(TransactionId.Create(EntropySource.Secure));
            routes.Add(ids[i], $"{i}");
            int known = i < 500 ? Math.Min(i + 1, 100) : Math.Min(i + 1 - 400, 177);
            Assert.That(routes.Count, Is.EqualTo(known));
            Assert.That(ids.TakeLast(known).Select(routes.Find), Is.EqualTo(Enumerable.Range(i + 1 - known, known).Select(static n => $"{n}")));
            Assert.That(ids.SkipLast(known).Select(routes.Find), Is.All.Null);
        }
    }

    [Test]
    public void What_is_entered_again_is_as_young_as_the_last_time_and_its_last_owners()
    {
        TransactionRoutes<string> routes = new() { Capacity = 3 };
        TransactionId id = TransactionId.Create(EntropySource.Secure);
        routes.Add(id, "first");
        routes.Add(TransactionId.Create(EntropySource.Secure), "other");
        routes.Add(id, "second");
        routes.Add(TransactionId.Create(EntropySource.Secure), "other");
        routes.Add(TransactionId.Create(EntropySource.Secure), "other");
        Assert.That(routes.Find(id), Is.EqualTo("second"));
        routes.Add(TransactionId.Create(EntropySource.Secure), "other");
        Assert.That(routes.Find(id), Is.Null);
    }

    [Test]
    public void A_request_costs_no_memory_when_there_is_room()
    {
        TransactionRoutes<string> routes = new() { Capacity = 64 };
        TransactionId id = TransactionId.Create(EntropySource.Secure);
        for (int i = 0; i < 100; i++)
            routes.Add(id, "");
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            routes.Add(id, "");
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}
