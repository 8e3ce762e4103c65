using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Catalogue;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Orders;
using Ecom.Contracts.Payments;

namespace Ecom.UnitTests.Ingestion;

public sealed class VocabularyTests
{
    [Theory]
    [InlineData("Product Viewed", InteractionKind.ProductViewed)]
    [InlineData("Product Clicked", InteractionKind.ProductClicked)]
    [InlineData("Product Added", InteractionKind.ProductAdded)]
    [InlineData("product removed", InteractionKind.ProductRemoved)]
    [InlineData("Product Added to Wishlist", InteractionKind.ProductWished)]
    [InlineData("Product Reviewed", InteractionKind.ProductReviewed)]
    [InlineData("Products Searched", InteractionKind.Searched)]
    [InlineData("Product List Viewed", InteractionKind.ListViewed)]
    [InlineData("Cart Viewed", InteractionKind.CartViewed)]
    [InlineData("Checkout Started", InteractionKind.CheckoutStarted)]
    [InlineData("Recommendation Shown", InteractionKind.RecommendationShown)]
    [InlineData("Recommendation Clicked", InteractionKind.RecommendationClicked)]
    public void Each_name_of_behaviour_becomes_its_kind(string name, InteractionKind kind)
    {
        var read = Read.Track(name, new { product_id = "85123A", query = "mug", rating = 4, recommendation_id = "r1" });

        var interaction = Read.Message<Interaction>(read);
        Assert.Equal(kind, interaction.Kind);
        Assert.Equal(kind.ToString(), read.Kind);
        Assert.Equal("17850", interaction.PartitionKey);
    }

    [Fact]
    public void A_view_carries_product_price_session_and_network_and_no_clear_address()
    {
        var read = Read.Track(
            "Product Viewed",
            new { sku = "85123A", category = "Home>Kitchen /Mugs", price = 2.55, position = 3 },
            new
            {
                ip = "203.0.113.77",
                userAgent = "Mozilla/5.0",
                sessionId = "s1",
                device = new { id = "d1" },
                country = "gb",
            });

        var view = Read.Message<Interaction>(read);
        Assert.Equal("85123A", view.ProductId);
        Assert.Equal("Home / Kitchen / Mugs", view.Category);
        Assert.Equal((255, "GBP", 255, "GBP"),
            (view.Price!.Amount, view.Price.Currency, view.Price.BaseAmount, view.Price.BaseCurrency));
        Assert.Equal(("s1", "d1", "GB", false),
            (view.Source.SessionId, view.Source.DeviceId, view.Source.IpCountry, view.Source.IsBot));
        Assert.NotNull(view.Source.IpHash);
        Assert.NotEqual(view.Source.IpHash, view.Source.IpNetworkHash);
        Assert.DoesNotContain("203.0.113", System.Text.Json.JsonSerializer.Serialize(view), StringComparison.Ordinal);
    }

    [Fact]
    public void Neighbours_share_the_network_hash_and_not_the_address_hash()
    {
        var one = Read.Personal.Ip("203.0.113.77")!;
        var other = Read.Personal.Ip("203.0.113.9")!;

        Assert.Equal(one.Derived, other.Derived);
        Assert.NotEqual(one.Hash, other.Hash);
        Assert.Equal(one, Read.Personal.Ip("::ffff:203.0.113.77"));
        Assert.Equal(Read.Personal.Ip("2001:db8:1::1")!.Derived, Read.Personal.Ip("2001:db8:1:ffff::2")!.Derived);
    }

    [Fact]
    public void An_event_without_type_is_a_track_and_one_without_message_id_gets_one()
    {
        var read = Read.Event(new { @event = "Cart Viewed", anonymousId = "a1" });

        Assert.Equal(InteractionKind.CartViewed, Read.Message<Interaction>(read).Kind);
        Assert.Equal(read.EventId.ToString(), read.MessageId);
        Assert.Equal(Read.Now, read.OccurredAt);
    }

    [Fact]
    public void A_page_keeps_its_path_without_what_follows_the_question_mark()
    {
        var read = Read.Event(new
        {
            type = "page", anonymousId = "a1", context = new { page = new { path = "/reset?email=jo@example.org" } },
        });

        Assert.Equal("/reset", Read.Message<Interaction>(read).PagePath);
    }

    [Fact]
    public void A_robot_is_marked_by_its_user_agent_and_kept()
    {
        var read = Read.Track("Cart Viewed", new { }, new { userAgent = "Mozilla/5.0 (compatible; Googlebot/2.1)" });

        Assert.True(Read.Message<Interaction>(read).Source.IsBot);
    }

    [Fact]
    public void Identify_hashes_the_address_and_derives_its_domain()
    {
        var read = Read.Event(new
        {
            type = "identify",
            userId = 17850,
            anonymousId = "a1",
            traits = new
            {
                email = " Jo@Example.ORG ",
                phone = "+44 20 7946 0000",
                country = "United Kingdom",
                createdAt = "2020-01-01",
            },
        });

        var identified = Read.Message<CustomerIdentified>(read);
        Assert.Equal(("17850", "a1", "GB", "example.org"),
            (identified.CustomerId, identified.AnonymousId, identified.Country, identified.EmailDomain));
        Assert.Equal(Read.Personal.Email("jo@example.org")!.Hash, identified.EmailHash);
        Assert.Equal(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), identified.RegisteredAt);
        Assert.NotNull(read.PhoneHash);
    }

    [Fact]
    public void A_payment_hashes_the_card_and_finds_its_scheme()
    {
        var read = Read.Track("Payment Attempted", new
        {
            payment_id = "p1", order_id = "o1", amount = "12.50", currency = "eur", card_number = "4111 1111 1111 1111",
            card_country = "FR", billing_country = "France", email = "jo@example.org", succeeded = true,
        });

        var payment = Read.Message<PaymentAttempted>(read);
        Assert.Equal("p1", read.PaymentId);
        Assert.Equal((1250, 1000), (payment.Amount.Amount, payment.Amount.BaseAmount));
        Assert.Equal(("visa", "FR", "FR", "example.org", true),
            (payment.CardScheme, payment.CardCountry, payment.BillingCountry, payment.EmailDomain, payment.Succeeded));
        Assert.Equal(Read.Personal.CardNumber("4111111111111111")!.Hash, payment.CardHash);
        Assert.DoesNotContain("1111", System.Text.Json.JsonSerializer.Serialize(payment with { PartitionKey = "" })
            .Replace(payment.CardHash!, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dispute_needs_no_user()
    {
        var read = Read.Event(new
        {
            type = "track", @event = "Payment Disputed", properties = new { payment_id = "p1", reason = "fraudulent" },
        });

        Assert.Equal("fraudulent", Read.Message<PaymentDisputed>(read).Reason);
    }

    [Fact]
    public void A_cancellation_names_its_order()
    {
        var read = Read.Track("Order Cancelled", new { order_id = "o1" });

        Assert.Equal("o1", Read.Message<OrderCancelled>(read).OrderId);
    }

    [Fact]
    public void A_product_keeps_unknown_as_unknown()
    {
        var product = Read.Message<ProductChanged>(Read.Product(new { product_id = "p1", name = "Mug", price = 0 }));

        Assert.Null(product.Stock);
        Assert.Null(product.Price);
        Assert.Null(product.Brand);
        Assert.Null(product.Category);
        Assert.True(product.Active);
    }

    [Fact]
    public void A_product_without_name_or_with_another_id_than_its_address_is_refused()
    {
        Read.Rejected(Read.Product(new { product_id = "p1" }), "name_missing", "$.name");
        Read.Rejected(Read.Product(new { product_id = "p1", name = "Mug" }, "p2"), "out_of_range", "$.product_id");
        Read.Rejected(Read.Product(new { product_id = "p1", name = "Mug", stock = -1 }), "out_of_range", "$.stock");
    }
}
